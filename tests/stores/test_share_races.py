"""Many at once, on Amazon's own engine: a partner is paid once, its month stated once, and no share is lost."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.credit_store import CreditStore
from chalicelib.billing.errors import (
    DueKnown,
    NumberTaken,
    PayingChanged,
    SettlementChanged,
    StatementChanged,
)
from chalicelib.billing.paper_store import PaperStore
from chalicelib.billing.paying_out import PayingOut, pay_out
from chalicelib.billing.payout_model import Due, PayoutAccount
from chalicelib.billing.payout_store import PayoutStore
from chalicelib.billing.settling import settle
from chalicelib.billing.share_model import ShareRow
from chalicelib.billing.share_store import ShareStore
from chalicelib.billing.stating import state_month
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import payable, payable_pending
from chalicelib.ledger.store import LedgerStore
from chalicelib.ledger.trial import trial_balance_at
from chalicelib.rating.figures import TaxRates
from chalicelib.storage.writes import Transaction
from infra.local.engine import DYNAMODB_LOCAL, Engine
from tests.stores.test_races import again_while_unavailable, at_once
from tests.unit.billing.books import LATER, MAY, Rides, SharesInMemory
from tests.unit.billing.payouts import Bank
from tests.unit.billing.test_settling_shares import seventy

pytestmark = pytest.mark.conformance
NOW = datetime(2021, 12, 1, tzinfo=UTC)
PARTNER = "par-1"
payouts, rows, billed, ledger = PayoutStore(), ShareStore(), BillingStore(), LedgerStore()
issuing = Issuing(CreditStore(), PaperStore())


@pytest.fixture(autouse=True)
def on_amazons_engine(engine: Engine) -> None:
    """
    moto half-applies concurrent transactions, so nothing that it says about races counts.
    """
    if engine.kind != DYNAMODB_LOCAL:
        pytest.skip("claims about races are made on DynamoDB Local: make conformance")


class Shared(SharesInMemory):
    """Rules in memory; rows and statements in the table."""

    def saving_row(self, row: ShareRow):  # noqa: ANN201 -- a write of the store
        return rows.saving_row(row)


@pytest.fixture
def shared() -> Shared:
    found = Shared()
    found.rules[PARTNER] = seventy(minimum=5000)
    found.rates = TaxRates(others=Decimal("0.25"))
    return found


def held(name: str) -> int:
    found = trial_balance_at(LATER + timedelta(days=9), ledger=ledger)
    assert found.off == {}
    return sum(row.amount.minor for row in found.rows if row.ledger_account == name)


def until_done(act, *again: type[Exception]) -> None:  # noqa: ANN001 -- any act
    while True:
        try:
            act()
        except (*again, Unavailable):
            continue
        return


def test_twenty_accounts_that_eight_workers_settle_twice_are_shared_once_and_stated_once(shared: Shared) -> None:
    """
    20 bills of 12.50, 7.00 each for the partner. Statings go on meanwhile; the last one says what the books say.
    """
    rides = {f"acc-{number}": Rides() for number in range(20)}
    for each in rides.values():
        each.ridden(MAY, 1250)

    def work(thread: int) -> None:
        for account_id, used in list(rides.items())[thread:] + list(rides.items())[:thread]:
            how = {"billed": billed, "used": used, "ledger": ledger, "shared": shared, "issuing": issuing}
            how["time_zone_data"] = "2026b"
            settling = lambda: settle(account_id, MAY, "EUR", **how, now=LATER, commit=Transaction())  # noqa: B023, E731
            until_done(settling, SettlementChanged, NumberTaken)
        state()

    def state() -> None:
        parts = {"kept": rows, "shared": shared, "billed": billed, "ledger": ledger, "payouts": payouts}
        stating = lambda: state_month(PARTNER, MAY, **parts, now=LATER, commit=Transaction())  # noqa: E731
        until_done(stating, StatementChanged, SettlementChanged)

    at_once(work)
    state()

    stated = rows.statement(PARTNER, MAY)
    assert stated is not None
    assert (stated.bills, stated.total) == (20, 20 * 700)
    assert held("receivable") == 20 * 1250
    assert -held(payable_pending(PARTNER)) - held(payable(PARTNER)) == stated.total
    chain = billed.proofs(PARTNER, limit=99, after=0)
    assert [head.number for head in chain] == list(range(1, len(chain) + 1))
    assert sum(due.amount.minor for due in payouts.dues(PARTNER, limit=99)) == -held(payable(PARTNER))


def test_eight_workers_who_pay_a_partner_at_once_send_each_amount_once() -> None:
    """
    Forty amounts come while they pay, one in five of them below zero.
    """
    bank, commit = Bank(), Transaction()
    commit([payouts.saving_account(PayoutAccount(PARTNER, "acct-1", NOW, ready=True))], None)
    amounts = [-90 if number % 5 == 4 else 100 + number for number in range(40)]

    def work(thread: int) -> None:
        for number in range(thread, 40, 8):
            due = Due(PARTNER, f"due:{number}", Money(amounts[number], "EUR"), NOW + timedelta(seconds=number))
            for _ in range(2):
                try:
                    again_while_unavailable(lambda: commit(payouts.adding_due(due), None))  # noqa: B023
                except DueKnown:
                    continue
            by = PayingOut(payouts, bank, ledger, "UTC", NOW, commit)
            until_done(lambda: pay_out(PARTNER, by), PayingChanged)  # noqa: B023

    at_once(work)
    last = Due(PARTNER, "due:40", Money(1_000, "EUR"), NOW + timedelta(seconds=40))  # what came last may be below zero
    commit(payouts.adding_due(last), None)
    pay_out(PARTNER, PayingOut(payouts, bank, ledger, "UTC", NOW, commit))

    assert payouts.dues(PARTNER, limit=99) == []
    assert bank.holds["acct-1"] == sum(amounts) + 1_000 == held(payable(PARTNER))
    assert len(bank.done) == payouts.paying(PARTNER).last


def test_documents_of_many_accounts_that_are_issued_at_once_are_numbered_one_to_n() -> None:
    """
    40 accounts of one seller, settled by eight workers at once, each account by two of them.
    """
    rides = {f"acc-{number}": Rides() for number in range(40)}
    for each in rides.values():
        each.ridden(MAY, 1250)

    def work(thread: int) -> None:
        for account_id in [name for number, name in enumerate(rides) if number % 4 == thread % 4]:
            how = {"billed": billed, "used": rides[account_id], "ledger": ledger, "shared": SharesInMemory()}
            how |= {"issuing": issuing, "time_zone_data": "2026b", "now": LATER, "commit": Transaction()}
            until_done(lambda: settle(account_id, MAY, "EUR", **how), SettlementChanged, NumberTaken)  # noqa: B023

    at_once(work)

    invoices = [invoice for account_id in rides for invoice in billed.invoices(account_id)]
    numbers = sorted(invoice.paper.number for invoice in invoices if invoice.paper)
    assert numbers == [f"I-{number:06d}" for number in range(1, 41)]
