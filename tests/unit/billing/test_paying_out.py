"""Partners are paid once, whatever is lost on the way; what they had too much is taken back or comes off the next."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.billing.comparison_model import Difference
from chalicelib.billing.currencies import step_of
from chalicelib.billing.errors import CollectorUnavailable, PayingChanged
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState
from chalicelib.billing.onboarding import account_changed, look_again, onboard
from chalicelib.billing.paying_out import MOST_DUES, PayingOut, pay_out, waiting
from chalicelib.billing.payout_model import Due, MovementKind, MovementState, PayoutAccount
from chalicelib.billing.sharing_out import dues_of, share_out
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import STRIPE_CLEARING, payable
from tests.unit.billing.books import ACCOUNT, MAY, ZONE, Books, JournalInMemory, SideBySide
from tests.unit.billing.payouts import NOW, Bank, PayoutsInMemory
from tests.unit.memory import Commits

PARTNER = "par-1"


@dataclass
class Desk:
    """A partner with an account that is ready, a bank, and the books."""

    payouts: PayoutsInMemory = field(default_factory=PayoutsInMemory)
    bank: Bank = field(default_factory=Bank)
    journal: JournalInMemory = field(default_factory=JournalInMemory)
    commit: Commits = field(default_factory=Commits)
    ready: bool = True
    currency: str = "EUR"
    later: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if self.ready:
            self.onboard()

    def onboard(self) -> None:
        commit = Commits()
        urls = {"refresh_url": "https://x.example/again", "return_url": "https://x.example"}
        onboard(PARTNER, **urls, payouts=self.payouts, provider=self.bank, now=NOW, commit=commit)
        account_changed(f"acct-{PARTNER}", payouts=self.payouts, provider=self.bank, now=NOW, commit=commit)

    def wait(self, number: int, minor: int, *, invoice: str | None = "in", taken_from: int | None = None) -> None:
        since = NOW + timedelta(seconds=number)
        due = Due(PARTNER, f"due:{number}", Money(minor, self.currency), since, invoice, taken_from)
        Commits()(self.payouts.adding_due(due), None)

    def pay_out(self, later: timedelta = timedelta(0)) -> None:
        pay_out(PARTNER, PayingOut(self.payouts, self.bank, self.journal, ZONE, NOW + self.later + later, self.commit))

    @property
    def held(self) -> int:
        return self.bank.holds.get(f"acct-{PARTNER}", 0)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_amount_is_sent_by_itself_from_the_payment_that_it_is_a_part_of(desk: Desk) -> None:
    desk.wait(1, 700, invoice="in-1")
    desk.wait(2, 300, invoice=None)
    desk.wait(3, 500, invoice="in-2")
    desk.pay_out()

    assert [(each.amount.minor, desk.bank.sources[str(each.provider_id)]) for each in desk.payouts.all.values()] == [
        (700, "ch-in-1"),
        (500, "ch-in-2"),
        (300, None),
    ]
    assert desk.payouts.waiting == {}
    assert (desk.journal.sum_of(payable(PARTNER)), desk.journal.sum_of(STRIPE_CLEARING)) == (1500, -1500)
    assert {each.source for entry in desk.journal.entries.values() for each in entry.postings} == {
        "payout:par-1:1",
        "payout:par-1:2",
        "payout:par-1:3",
    }


def test_without_an_account_that_is_ready_all_of_it_waits_and_is_sent_when_there_is_one() -> None:
    desk = Desk(ready=False)
    desk.wait(1, 700)
    desk.pay_out()
    assert (desk.held, len(desk.payouts.waiting)) == (0, 1)

    desk.onboard()
    assert desk.payouts.said == ["pay par-1 account"]
    desk.pay_out()
    assert desk.held == 700


def test_an_account_of_which_no_webhook_told_is_ready_once_it_is_read_again() -> None:
    """
    Each day; one that is gone at the provider is reported.
    """
    desk = Desk(ready=False)
    desk.wait(1, 700)
    desk.bank.content = False
    desk.onboard()
    said: list[Difference] = []

    def noting(difference: Difference) -> Commits:
        said.append(difference)
        return Commits()

    def looked(*partners: str) -> list[tuple[str, str]]:
        kept = {"payouts": desk.payouts, "provider": desk.bank, "now": NOW}
        return [(each.about, each.cause) for each in look_again(partners, noting, **kept)]

    assert looked(PARTNER, "par-2") == []
    desk.bank.content = True
    assert looked(PARTNER, "par-2") == [("acct-par-1", "account_not_noted")]
    assert looked(PARTNER) == []
    assert [each.facts for each in said] == [{"partner_id": PARTNER}]
    desk.pay_out()
    assert desk.held == 700

    desk.payouts.accounts["par-2"] = PayoutAccount("par-2", "acct-none-of-ours", NOW)
    assert looked(PARTNER, "par-2") == [("acct-none-of-ours", "missing_there")]


def test_what_was_had_too_much_comes_off_what_is_sent_next_and_no_more_than_that(desk: Desk) -> None:
    desk.wait(1, -900)
    desk.wait(2, 700)
    desk.pay_out()
    assert (desk.held, [due.amount.minor for due in desk.payouts.waiting.values()]) == (0, [-200])

    desk.wait(3, 500)
    desk.pay_out()
    assert (desk.held, desk.payouts.waiting) == (300, {})


def test_many_small_debts_are_put_together_until_a_claim_comes(desk: Desk) -> None:
    for number in range(MOST_DUES + 5):
        desk.wait(number, -1)
    desk.wait(MOST_DUES + 5, 100)
    desk.pay_out()

    assert (desk.held, desk.payouts.waiting) == (100 - MOST_DUES - 5, {})


def test_what_was_planned_long_ago_is_looked_for_before_it_is_sent(desk: Desk) -> None:
    """
    The provider has forgotten its key by then.
    """
    desk.wait(1, 700)
    for trouble, later in (("answer lost", 0), ("lost", 19), ("", 20)):
        desk.bank.trouble = lambda trouble=trouble: trouble  # type: ignore[misc]
        with suppress(CollectorUnavailable):
            desk.pay_out(timedelta(hours=later))

    assert desk.bank.looked == [False, False, True]
    assert (desk.held, desk.payouts.waiting) == (700, {})


@pytest.mark.parametrize("spent", [0, 700, 400], ids=["all there", "all spent", "some spent"])
def test_a_refund_takes_back_what_the_transfer_sent_or_waits_for_the_next(desk: Desk, spent: int) -> None:
    desk.wait(1, 700)
    desk.pay_out()
    desk.bank.holds[f"acct-{PARTNER}"] -= spent
    desk.wait(2, -350, taken_from=1)
    desk.pay_out()

    refused = spent > 350
    assert desk.payouts.owed(PARTNER) == (-350 if refused else 0)
    assert desk.payouts.all[PARTNER, 1].taken_back == (0 if refused else 350)
    last = desk.payouts.all[PARTNER, 2]
    assert (last.kind, last.state) == (
        MovementKind.REVERSAL,
        MovementState.REFUSED if refused else MovementState.DONE,
    )
    desk.wait(3, 1000)
    desk.pay_out()
    assert desk.held + spent == 1350
    assert desk.payouts.waiting == {}


def test_no_more_is_taken_back_of_a_transfer_than_it_sent(desk: Desk) -> None:
    desk.wait(1, 700)
    desk.pay_out()
    desk.wait(2, -900, taken_from=1)
    desk.wait(3, -50, taken_from=1)
    desk.pay_out()

    assert (desk.held, desk.payouts.owed(PARTNER)) == (0, -250)
    desk.wait(4, 300)
    desk.pay_out()
    assert (desk.held, desk.payouts.owed(PARTNER)) == (50, 0)


def test_what_the_provider_refuses_to_send_waits_and_goes_under_another_key_later(desk: Desk) -> None:
    desk.wait(1, 700)
    desk.bank.trouble = lambda: "refused"
    desk.pay_out()
    assert (desk.held, desk.payouts.owed(PARTNER), desk.journal.entries) == (0, 700, {})

    desk.bank.trouble = lambda: ""
    desk.pay_out()
    assert (desk.held, list(desk.bank.done)) == (700, ["tr-par-1:3"])


def test_another_worker_who_pays_at_the_same_moment_sends_nothing_twice(desk: Desk) -> None:
    desk.wait(1, 700)
    desk.wait(2, 300)
    other = replace(desk, ready=False, commit=Commits())
    desk.commit = SideBySide(desk.commit, other.pay_out)

    with pytest.raises(PayingChanged):
        desk.pay_out()
    desk.pay_out()
    assert (desk.held, desk.journal.sum_of(payable(PARTNER))) == (1000, 1000)


def test_money_is_sent_in_its_currencys_steps_and_what_is_less_waits_for_more() -> None:
    """Of 9.99, 0.02 and 4.00 krónur, of which there are whole ones alone."""
    desk = Desk(currency="ISK")
    for number, minor in enumerate((999, 2, 400)):
        desk.wait(number, minor)
        desk.pay_out()
        assert desk.journal.sum_of(payable(PARTNER)) == desk.held
    assert [each.amount.minor for each in desk.payouts.all.values()] == [900, 100, 400]
    assert desk.payouts.owed(PARTNER) == 1

    desk.wait(3, -350, taken_from=1)
    desk.pay_out()
    assert (desk.held, desk.payouts.owed(PARTNER)) == (1100, -49)


def test_what_is_left_over_twice_of_one_amount_waits_under_two_names() -> None:
    """
    Sent is refused twice; so krónur are left over twice, and each is named once in what is sent in the end.
    """
    desk = Desk(currency="ISK")
    for number, (minor, trouble) in enumerate(((999, "refused"), (350, "refused"), (299, ""))):
        desk.wait(number, minor, invoice=None)
        desk.bank.trouble = lambda trouble=trouble: trouble  # type: ignore[misc]
        desk.pay_out()
        desk.later += timedelta(hours=1)

    dues = [due.due_id for each in desk.payouts.all.values() if each.state is MovementState.DONE for due in each.dues]
    assert len(dues) == len(set(dues))
    assert (desk.held, desk.payouts.owed(PARTNER)) == (1600, 48)


def test_a_debt_that_is_carried_on_and_on_has_a_name_of_the_same_length(desk: Desk) -> None:
    desk.wait(0, -99_999)
    for number in range(1, 60):
        desk.wait(number, 1)
        desk.pay_out()

    (debt,) = desk.payouts.waiting.values()
    assert (debt.amount.minor, len(debt.due_id) <= len("carried:999")) == (-99_940, True)


troubles = st.sampled_from(["", "", "lost", "answer lost", "refused"])


@settings(max_examples=200)
@example([(38, "", True), (-3, "answer lost", True), (898, "refused", False), (598, "refused", False)], 2, "KWD")
@given(
    st.lists(st.tuples(st.integers(-600, 900), troubles, st.booleans()), max_size=14),
    st.integers(),
    st.sampled_from(("EUR", "KWD", "ISK")),
)
def test_whatever_is_lost_refused_or_spent_what_was_sent_and_what_waits_is_what_was_owed(
    story: list[tuple[int, str, bool]], seed: int, currency: str
) -> None:
    """
    After each step: what the account holds and what waits or is on its way are what was owed, as far as the bank knows.
    """
    desk, random, owed = Desk(currency=currency), Random(seed), 0
    for number, (minor, trouble, reversible) in enumerate(story):
        sent = [each.number for each in desk.payouts.moved(PARTNER, MAY) if each.kind is MovementKind.TRANSFER]
        if minor:
            taken_from = random.choice(sent) if sent and reversible and minor < 0 else None
            desk.wait(number, minor, invoice="in" if reversible else None, taken_from=taken_from)
            owed += minor
        desk.bank.trouble = lambda trouble=trouble: trouble if random.random() < 0.5 else ""  # type: ignore[misc]
        with suppress(CollectorUnavailable):
            desk.pay_out()
        assert desk.journal.sum_of(payable(PARTNER)) + desk.payouts.owed(PARTNER) == owed
        assert sum(waiting(PARTNER, payouts=desk.payouts).values()) == desk.payouts.owed(PARTNER)
    desk.bank.trouble = lambda: ""
    desk.pay_out()

    assert desk.held + desk.payouts.owed(PARTNER) == owed
    assert desk.held == desk.journal.sum_of(payable(PARTNER)) == -desk.journal.sum_of(STRIPE_CLEARING)
    assert desk.payouts.owed(PARTNER) < step_of(currency)
    assert all(each.amount.minor % step_of(currency) == 0 for each in desk.payouts.all.values())
    assert all(
        sum(due.amount.minor for due in each.dues) in {each.amount.minor, -each.amount.minor}
        for each in desk.payouts.all.values()
    )
    assert all(each.state is not MovementState.PLANNED for each in desk.payouts.all.values())


def invoice(total: int, **shares: int) -> Invoice:
    lines = (InvoiceLine("session", "ses-1", Money(total, "EUR")),)
    paid = Invoice(ACCOUNT, MAY, 1, lines, Money(total, "EUR"), NOW, shares=shares)
    return replace(paid, state=InvoiceState.PAID, paid_at=NOW, provider_invoice="in-1")


def test_shares_beyond_what_an_invoice_came_to_are_sent_from_elsewhere() -> None:
    """
    7.00 and 3.00 are shares of an invoice that came to 5.00, because it also gave back what a third had too much.
    """
    found = dues_of(invoice(500, one=700, two=300, three=-600))

    assert [(due.partner_id, due.amount.minor, due.provider_invoice) for due in found] == [
        ("one", 350, "in-1"),
        ("one", 350, None),
        ("two", 150, "in-1"),
        ("two", 150, None),
        ("three", -600, None),
    ]
    assert len({(due.partner_id, due.due_id) for due in found}) == 5


@given(
    st.lists(st.integers(1, 900), max_size=3),
    st.integers(0, 2000),
    st.dictionaries(st.sampled_from("abcd"), st.integers(-900, 900), max_size=4),
)
def test_dues_add_up_to_the_shares_and_take_no_more_of_each_payment_than_it_was(
    holds: list[int], rest: int, of: dict[str, int]
) -> None:
    total = max(1, sum(holds) + rest)
    held = [(f"pi-{place}", minor) for place, minor in enumerate(holds)]
    found = dues_of(invoice(total, **of), held)

    for partner_id, minor in of.items():
        assert sum(due.amount.minor for due in found if due.partner_id == partner_id) == minor
    assert sum(due.amount.minor for due in found if due.provider_invoice) <= total
    for name, minor in held:
        assert sum(due.amount.minor for due in found if due.payment == name) <= minor
    if len(held) > 1 or (held and rest):
        assert sum(due.amount.minor for due in found if due.provider_invoice and not due.payment) <= rest
    assert len({(due.partner_id, due.due_id) for due in found}) == len(found)


def test_a_paid_invoices_shares_wait_once_however_often_it_is_said(desk: Desk) -> None:
    books = Books()
    books.billed.made[MAY, 1] = invoice(1000, **{PARTNER: 700})
    books.billed.made[MAY, 2] = replace(invoice(1000, **{PARTNER: 9}), number=2, state=InvoiceState.DUE)
    for number in (1, 1, 2, 3):
        kept = {"billed": books.billed, "held_of": lambda _invoice: (), "payouts": desk.payouts}
        share_out(ACCOUNT, MAY, number, **kept, now=NOW, commit=desk.commit)
        desk.pay_out()

    assert desk.held == 700


def test_an_account_is_opened_once_and_each_call_gives_a_link_until_it_is_ready() -> None:
    desk = Desk(ready=False)

    def ask() -> tuple[str, bool]:
        urls = {"refresh_url": "https://x.example/again", "return_url": "https://x.example"}
        account, link = onboard(PARTNER, **urls, payouts=desk.payouts, provider=desk.bank, now=NOW, commit=desk.commit)
        return account.provider_account, link is not None

    desk.bank.content = False
    assert [ask(), ask()] == [("acct-par-1", True), ("acct-par-1", True)]
    desk.bank.content = True
    assert ask() == ("acct-par-1", False)
    assert desk.payouts.said == ["pay par-1 account"]
    account_changed("acct-par-1", payouts=desk.payouts, provider=desk.bank, now=NOW, commit=desk.commit)
    assert desk.payouts.said == ["pay par-1 account"]
    assert account_changed("acct-other", payouts=desk.payouts, provider=desk.bank, now=NOW, commit=desk.commit) is None
    assert desk.bank.links == 2
