"""A refund that somebody made at Stripe by hand is booked because finance says so: as what it was, to the cent, once.

After each story the ledger holds what Stripe does, and a comparison finds nothing to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.billing.booking_outside import ask_booking, book, outside_noted
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.errors import OutsideChanged
from chalicelib.billing.outside_model import Outside
from chalicelib.billing.outside_parts import Booking
from chalicelib.billing.paper_model import TaxRow
from chalicelib.billing.paying_back import PayingOut
from chalicelib.billing.topping_up import Bringing
from chalicelib.billing.wallet import Purse
from chalicelib.kernel.errors import Conflict
from chalicelib.ledger.accounts import PROMOTIONS, payable, payable_pending, tax
from infra.local.stripe_double.trying import trial
from tests.unit.billing.books import JUNE, MAY, ZONE
from tests.unit.billing.money import NOW, Dies, ProcessGoneError, paper
from tests.unit.billing.test_settling_shares import sharing
from tests.unit.billing.together import PAID, Together
from tests.unit.memory import InMemory, write


class OutsidesInMemory:
    """Satisfies `billing.outside_ports.Outsides`."""

    def __init__(self) -> None:
        self.kept: dict[str, Outside] = {}
        self.asked: list[str] = []

    def outside(self, provider_refund: str) -> Outside | None:
        return self.kept.get(provider_refund)

    def listed(self, *, limit: int, after: str | None) -> Sequence[Outside]:
        raise NotImplementedError

    def saving(self, outside: Outside) -> list[InMemory]:
        name = outside.provider_refund
        same = lambda: (self.kept[name].version if name in self.kept else 0) == outside.version - 1  # noqa: E731
        return [write(OutsideChanged(), lambda: self.kept.update({name: outside}), holds=same)]

    def book(self, outside: Outside, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.asked.append(outside.provider_refund))


@dataclass
class ByHand(Together):
    """With staff at Stripe's dashboard."""

    outsides: OutsidesInMemory = field(default_factory=OutsidesInMemory)

    def booking(self, commit: Any = None) -> Booking:  # noqa: ANN401 -- a way to commit
        purse, commit = Purse(self.wallets, self.billed, self.journal, ZONE), commit or self.commit
        crediting = replace(self.crediting, commit=commit)
        paying_out = PayingOut(purse, self.notes, self.cards, NOW, commit)
        bringing = Bringing(purse, self.top_ups, self.cards, NOW, commit)
        issuing = Issuing(self.notes, self.kept.numbers)
        provider: Any = self.provider
        return Booking(self.outsides, provider, crediting, paying_out, bringing, issuing)

    def refund(self, cents: int) -> str:
        """Somebody gives a part of the newest payment back at the dashboard."""
        charge = self.stripe.double._store.every("charge")[-1]
        how: Any = {"charge": charge["id"], "amount": cents}
        return str(self.stripe.client.v1.refunds.create(how, self.stripe.key()).id)

    def decide_about(self, refund: str) -> Outside:
        """Finance says that it is to be booked, and a worker does it, twice."""
        ask_booking(refund, "fred", "a wet saddle", outsides=self.outsides, now=NOW, commit=self.commit)
        for _ in range(2):
            book(refund, self.booking())
        return self.outsides.kept[refund]

    def differ(self) -> dict[str, tuple[str, str]]:
        """As with what is booked by itself; refunds that Stripe knows and nobody here does are asked about."""
        found = super().comparing(NOW)
        known = found.matching.note_refund

        def noted(refund: str, commit: Any) -> bool | None:  # noqa: ANN401 -- as above
            news = known(refund, commit)
            return news if news is not None else outside_noted(refund, self.booking(commit))

        self.comparing = lambda at: replace(  # type: ignore[method-assign]
            Together.comparing(self, at),
            matching=replace(Together.comparing(self, at).matching, note_refund=noted),
        )
        return super().differ()

    def gives(self) -> list[tuple[str, int]]:
        return [(str(part.kind), part.minor) for each in self.outsides.kept.values() for part in each.parts]


@pytest.fixture
def account() -> Iterator[ByHand]:
    with trial() as running:
        yield ByHand(stripe=running)


def paid(account: ByHand, cents: int) -> None:
    account.rides.ridden(MAY, cents)
    invoice = account.settle()
    assert invoice is not None
    account.collect(invoice)
    assert account.invoice().state is PAID


def test_nobody_decides_and_it_is_reported_each_day_and_not_booked(account: ByHand) -> None:
    paid(account, 1000)
    refund = account.refund(300)

    found = account.compare()
    assert found[refund] == ("unknown_refund", "reported")
    assert account.owes() == 0


def test_what_nobody_owed_is_goodwill_with_a_credit_note_and_the_tax_in_it(account: ByHand) -> None:
    paid(account, 1000)
    invoice = account.invoice()
    account.billed.made[MAY, 1] = replace(invoice, paper=paper(TaxRow("0.25", 1000, 200)))
    decided = account.decide_about(account.refund(300))

    assert (str(decided.state), decided.paid, account.gives()) == (
        "booked",
        f"invoice:{invoice.invoice_id}",
        [("goodwill", 300)],
    )
    (note,) = account.notes.kept.values()
    assert (note.left, note.against, note.reason, note.paper.taxes) == (
        0,
        invoice.invoice_id,
        "a wet saddle",
        (TaxRow("0.25", 300, 60),),
    )
    assert (account.journal.sum_of(PROMOTIONS), account.journal.sum_of(tax("0.25")), account.owes()) == (240, 60, 0)
    assert account.differ() == account.differ() == {}


def test_what_the_account_was_to_get_back_anyhow_is_that_and_only_the_rest_is_goodwill(account: ByHand) -> None:
    """A refund of ours has failed, so 4.00 are credit; staff give 5.00 back by hand."""
    paid(account, 1000)
    account.rides.corrected(next(iter(account.rides.cents)), 600, JUNE)
    account.settle(JUNE)
    account.hear()
    (ours,) = [each["id"] for each in account.stripe.double._store.every("refund")]
    account.stripe.double.fail_refund(ours)
    assert account.differ() == {ours: ("refund_not_noted", "noted")}
    assert account.owes() == -400
    account.decide_about(account.refund(500))

    assert account.gives() == [("credit", 400), ("goodwill", 100)]
    assert (account.owes(), account.journal.sum_of(PROMOTIONS), account.payments()) == (0, 100, {"card": 500})
    assert account.differ() == account.differ() == {}


def test_one_that_its_bank_returns_weeks_later_is_credit(account: ByHand) -> None:
    paid(account, 1000)
    refund = account.refund(300)
    account.decide_about(refund)
    account.stripe.double.fail_refund(refund)
    assert [outside_noted(refund, account.booking()) for _ in range(2)] == [True, False]

    (note,) = account.notes.kept.values()
    assert (account.owes(), note.left) == (-300, 300)
    assert account.differ() == account.differ() == {}


@pytest.mark.parametrize("reason", ["unknown_at_stripe", "booked_by_itself", "failed_at_stripe", "payment_unknown"])
def test_what_cannot_be_booked_says_why_and_changes_nothing(account: ByHand, reason: str) -> None:
    paid(account, 1000)
    account.rides.corrected(next(iter(account.rides.cents)), 600, JUNE)
    account.settle(JUNE)
    account.hear()
    refund = account.refund(100) if reason in ("failed_at_stripe", "payment_unknown") else "re_none"
    if reason == "failed_at_stripe":
        account.stripe.double.fail_refund(refund)
    elif reason == "payment_unknown":
        account.billed.charges.clear()
        account.billed.made.clear()
    elif reason == "booked_by_itself":
        refund = account.stripe.double._store.every("refund")[0]["id"]
    before = account.books()
    decided = account.decide_about(refund)

    assert (str(decided.state), decided.reason, decided.parts) == ("refused", reason, ())
    assert account.books() == before
    assert outside_noted(refund, account.booking()) is None


def test_a_partners_share_is_less_for_what_was_to_go_back_and_not_for_goodwill(account: ByHand) -> None:
    """Seventy percent of what is without tax: 10.00 have a share of 5.60, the 4.00 that were too much one of 2.24."""
    account.kept.shares = sharing().shares
    paid(account, 1000)
    account.decide_about(account.refund(300))
    assert account.journal.sum_of(payable("par-1")) == -560
    account.rides.corrected(next(iter(account.rides.cents)), 600, JUNE)
    account.settle(JUNE)
    account.decide_about(account.refund(400))

    assert account.gives() == [("goodwill", 300), ("credit", 400)]
    assert [account.journal.sum_of(each("par-1")) for each in (payable_pending, payable)] == [0, -336]
    assert account.differ() == {}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cents=st.integers(50, 1000), corrected=st.integers(0, 1000), dies=st.integers(0, 4))
def test_whoever_dies_in_the_midst_it_is_booked_once_to_the_cent(cents: int, corrected: int, dies: int) -> None:
    with trial() as running:
        account = ByHand(stripe=running)
        paid(account, 1000)
        refund = account.refund(cents)
        account.rides.corrected(next(iter(account.rides.cents)), corrected, JUNE)
        account.settle(JUNE)
        ask_booking(refund, "fred", "", outsides=account.outsides, now=NOW, commit=account.commit)
        try:
            book(refund, account.booking(Dies(dies)))
        except ProcessGoneError:
            book(refund, account.booking())
        account.hear()

        assert sum(minor for _, minor in account.gives()) == cents
        assert account.differ() == account.differ() == {}
        assert -50 < account.owes() <= 0
