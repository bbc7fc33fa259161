"""Wallets, top-ups and gifts, as DynamoDB keeps them; of several who change one at once, each cent is used once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.credit_model import RefundState
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.credit_store import CreditStore
from chalicelib.billing.errors import GiftRefused, NumberTaken, SettlementChanged, WalletChanged
from chalicelib.billing.gifts import redeem
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState
from chalicelib.billing.paper_store import PaperStore
from chalicelib.billing.settling import settle
from chalicelib.billing.store import BillingStore
from chalicelib.billing.topping_model import Gift, GiftCode, GiftState, PaidBack, TopUp
from chalicelib.billing.wallet import Purse
from chalicelib.billing.wallet_model import Lot, LotKind, MoveKind, Wallet
from chalicelib.billing.wallet_store import DUE, TopUpStore, WalletStore
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import STRIPE_CLEARING, wallet
from chalicelib.ledger.store import LedgerStore
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction
from infra.local.engine import DYNAMODB_LOCAL, Engine
from tests.stores.test_races import at_once
from tests.unit.billing.books import ACCOUNT, MAY, Rides, SharesInMemory

NOW = datetime(2021, 12, 1, tzinfo=UTC)
EUR = "EUR"
wallets, top_ups, billed, ledger = WalletStore(), TopUpStore(), BillingStore(), LedgerStore()
purse = Purse(wallets, billed, ledger, "UTC")
LOT = Lot("top-up:1", LotKind.PAID, Money(1000, EUR), 1000, "top-up:a:1", NOW, payment="pi_1")
GIVEN = Lot("promotion:1", LotKind.PROMOTION, Money(50, EUR), 50, "promotion:x", NOW, "par-1", NOW + timedelta(days=9))
TOP_UP = TopUp(ACCOUNT, "t1", Money(1000, EUR), "cus_1", "pm_1", NOW, partner="par-1")
CODE = GiftCode("g1", "SECRET")
GIFT = Gift("g1", CODE.digest, Money(500, EUR), NOW, NOW + timedelta(days=9), "acc-9", payment="pi_9")


def filled(commit: Transaction) -> Wallet:
    for lot in (LOT, GIVEN):
        commit(purse.add(wallets.wallet(ACCOUNT), MoveKind.TOPPED_UP, lot, STRIPE_CLEARING), None)
    return wallets.wallet(ACCOUNT)


class TestItems:
    """What is stored comes back as it was, and is changed only as it was read."""

    pytestmark = pytest.mark.stores

    def test_a_wallet_comes_back_with_its_lots_and_each_change_of_it(self, commit: Transaction) -> None:
        assert wallets.wallet(ACCOUNT) == Wallet(ACCOUNT)
        found = filled(commit)
        assert found == Wallet(ACCOUNT, {"top-up:1": LOT, "promotion:1": GIVEN}, 2)

        assert wallets.without_wallet(["acc-8", ACCOUNT, "acc-9"]) == ["acc-8", "acc-9"]
        used = found.moved(MoveKind.USED, "acc-1:2021-05:1", {"top-up:1": -400, "promotion:1": -50}, NOW)
        commit([*wallets.moving(used)], None)
        assert wallets.wallet(ACCOUNT) == used.wallet
        first, *rest = wallets.moves(ACCOUNT, limit=9, after=0)
        assert (first.amount.minor, rest[-1]) == (1000, used.move)
        assert wallets.moves(ACCOUNT, limit=9, after=2) == [used.move]
        with pytest.raises(WalletChanged):
            commit([*wallets.moving(used)], None)
        asked = used.wallet.asked_out()
        commit([wallets.saving(asked)], None)
        with pytest.raises(WalletChanged):
            commit([*wallets.moving(used.wallet.moved(MoveKind.USED, "x", {"top-up:1": -1}, NOW))], None)
        assert wallets.wallet(ACCOUNT).payouts == 1

    def test_top_ups_and_gifts_are_found_and_changed_on_the_version_that_was_read(self, commit: Transaction) -> None:
        commit([*top_ups.saving(TOP_UP)], None)
        assert (top_ups.top_up(ACCOUNT, "t1"), top_ups.of_payment("pi_1")) == (TOP_UP, None)
        paid = TOP_UP.paid("pi_1")
        commit([*top_ups.saving(paid)], None)
        assert top_ups.of_payment("pi_1") == paid
        with pytest.raises(WalletChanged):
            commit([*top_ups.saving(paid)], None)
        commit([top_ups.saving_gift(GIFT)], None)
        good = GIFT.paid("pi_9")
        commit([top_ups.saving_gift(good)], None)
        with pytest.raises(GiftRefused):
            commit([top_ups.saving_gift(GIFT.redeemed("acc-2"))], None)
        assert top_ups.gift("g1") == good

    def test_money_that_goes_back_is_planned_once_and_changed_as_it_was_read(self, commit: Transaction) -> None:
        planned = PaidBack(ACCOUNT, 1, "top-up:1", "pi_1", Money(100, EUR), NOW)
        commit([wallets.saving_paid_back(planned, None)], None)
        sent = replace(planned, state=RefundState.SENT, provider_refund="re_1")
        commit([wallets.saving_paid_back(sent, planned)], None)
        for before in (None, planned):
            with pytest.raises(WalletChanged):
                commit([wallets.saving_paid_back(sent, before)], None)
        assert wallets.paid_back(ACCOUNT) == [sent]

    def test_workers_are_asked_at_once_or_when_it_is_time(self, commit: Transaction) -> None:
        said = wallets.asking("billing.lot", "k", {"lot_id": "1"}, NOW)
        later = wallets.asking_at(NOW, "billing.lot", {"lot_id": "2"}, NOW)
        told = wallets.telling(ACCOUNT, "top-up:1", "wallet_topped_up", {"amount": "10.00 EUR"}, NOW)
        commit([said, later, told], None)
        found = {each.topic: each.body for each in MessageRecord.scan()}
        assert found["billing.lot"] == {"lot_id": "1"}
        assert (found["timer.set"]["topic"], '"then": "billing.lot"' in found["timer.set"]["facts"]) == (DUE, True)
        assert found["dialogue.tell"]["code"] == "wallet_topped_up"

    def test_an_invoice_keeps_what_lots_paid_of_it_in_their_order(self, commit: Transaction) -> None:
        lines = (InvoiceLine("session", "s", Money(300, EUR)),)
        paid = Invoice(ACCOUNT, MAY, 1, lines, Money(300, EUR), NOW, InvoiceState.PAID)
        paid = replace(paid, from_wallet=(("z", 100), ("a", 200)), back_to_wallet=50)
        commit([*billed.adding_invoice(paid, NOW)], None)
        assert billed.invoice(ACCOUNT, MAY, 1) == paid
        assert [each.topic for each in MessageRecord.scan()] == []


class TestRaces:
    """On Amazon's own engine: moto half-applies concurrent transactions, so nothing that it says about races counts."""

    pytestmark = pytest.mark.conformance

    @pytest.fixture(autouse=True)
    def on_amazons_engine(self, engine: Engine) -> None:
        if engine.kind != DYNAMODB_LOCAL:
            pytest.skip("claims about races are made on DynamoDB Local: make conformance")

    def test_of_bills_top_ups_and_refunds_at_once_nothing_is_used_twice_or_lost(self) -> None:
        commit, rides = Transaction(), Rides()
        filled(commit)
        rides.ridden(MAY, 600)

        def again(act) -> None:  # noqa: ANN001 -- any act
            while True:
                try:
                    act()
                except (WalletChanged, SettlementChanged, NumberTaken, Unavailable):
                    continue
                return

        def settled() -> None:
            issuing = Issuing(CreditStore(), PaperStore(), purse)
            kept = {"billed": billed, "used": rides, "ledger": ledger, "shared": SharesInMemory()}
            settle(ACCOUNT, MAY, EUR, **kept, issuing=issuing, time_zone_data="2026b", now=NOW, commit=commit)

        def topped(number: int):  # noqa: ANN202 -- an act
            lot = replace(LOT, lot_id=f"top-up:r{number}")
            return lambda: commit(purse.add(wallets.wallet(ACCOUNT), MoveKind.TOPPED_UP, lot, STRIPE_CLEARING), None)

        acts = [settled, *(topped(number) for number in range(4)), settled]
        at_once(lambda number: again(acts[number]), len(acts))

        found = wallets.wallet(ACCOUNT)
        sums = [entry.postings for entry in ledger.of_account(ACCOUNT)]
        held = sum(each.amount.minor for rows in sums for each in rows if each.ledger_account == wallet(ACCOUNT))
        assert found.real() == -held == 1000 + 4 * 1000 - 550
        assert len(billed.invoices(ACCOUNT)) == 1
        assert len(wallets.moves(ACCOUNT, limit=99, after=0)) == found.version == 7

    def test_a_gift_is_had_by_one_of_many(self) -> None:
        commit = Transaction()
        commit([top_ups.saving_gift(replace(GIFT, state=GiftState.GOOD))], None)
        had: list[str] = []

        def take(name: str) -> None:
            try:
                redeem(name, str(CODE), top_ups=top_ups, wallets=wallets, now=NOW, commit=commit)
            except (GiftRefused, Unavailable):
                return
            had.append(name)

        at_once(lambda number: take(f"acc-{number}"), 6)
        gift = top_ups.gift("g1")
        assert gift is not None
        assert had == [gift.redeemed_by]
