"""Holds: whatever breaks off, a session has one that stands, and what has no session has none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.collection_switch import Guarded, Switch
from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.currencies import minimum_charge, step_of
from chalicelib.billing.errors import CollectionStopped, CollectorUnavailable, HoldDeclined, HoldNeedsAuthentication
from chalicelib.billing.hold_model import GONE, HoldState, to_capture
from chalicelib.billing.hold_using import HoldsFirst, settle_with_holds
from chalicelib.billing.holding import give_up, take
from chalicelib.billing.model import Parked
from chalicelib.billing.settling import Settled, settle
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Commit
from tests.unit.billing.books import ACCOUNT, LATER, MAY, ZONE, Books
from tests.unit.billing.holds import NOW, SESSION, TWENTY, Desk
from tests.unit.billing.test_collection_switch import SwitchesInMemory, Takes

SMALL = minimum_charge("EUR").minor
HOUR = timedelta(hours=1)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def taken(desk: Desk) -> None:
    """A whole start, as the mobile door does it."""
    binding = take(ACCOUNT, SESSION, TWENTY, holding=desk.holding)
    try:
        desk.start(binding)  # type: ignore[arg-type]
    except Conflict:
        give_up(ACCOUNT, SESSION, holding=desk.holding)
        raise


class KilledError(Exception):
    """The process ends here."""


def breaking(desk: Desk, number: int) -> Callable[..., object]:
    """The commit of that number does not come to pass, and nothing after it."""
    commit, left = desk.commit, iter(range(number))

    def instead(writes: object, outcome: object) -> object:
        if next(left, None) is None:
            raise KilledError
        return commit(writes, outcome)  # type: ignore[arg-type]

    return instead


POINTS = [("commit", number, False) for number in range(2)] + [("bank", 1, after) for after in (False, True)]


@pytest.mark.parametrize(("what", "number", "after"), POINTS)
@pytest.mark.parametrize("comes_back", [True, False])
def test_wherever_a_start_breaks_off_no_hold_is_left_without_its_session(
    desk: Desk,
    what: str,
    number: int,
    after: bool,  # noqa: FBT001 -- a case
    comes_back: bool,  # noqa: FBT001 -- a case
) -> None:
    whole = desk.commit
    if what == "commit":
        desk.commit = breaking(desk, number)  # type: ignore[assignment]
    else:
        desk.bank.breaks, desk.bank.after = number, after
    with pytest.raises((KilledError, CollectorUnavailable)):
        taken(desk)
    desk.commit, desk.bank.breaks = whole, None
    if comes_back:
        taken(desk)
    desk.pass_time(HOUR)

    assert desk.bank.live == (["pi_ses_1:1"] if comes_back else [])
    assert [each.state for each in desk.holds.kept.values() if each.state not in GONE] == (
        [HoldState.HELD] if comes_back else []
    )


@pytest.mark.parametrize(("number", "after"), [(1, False), (1, True), (2, False), (2, True)])
def test_letting_go_that_breaks_off_is_finished_by_the_next_try(desk: Desk, number: int, after: bool) -> None:  # noqa: FBT001 -- a case
    taken(desk)
    desk.opened.clear()
    desk.bank.breaks, desk.bank.after, desk.bank.calls = number, after, 0
    desk.pass_time(timedelta(days=5))

    assert (desk.bank.live, desk.states()) == ([], [HoldState.RELEASED])
    assert desk.holds.told == ["hold_released 20.00 EUR 0.00 EUR"]


def test_a_start_that_comes_twice_has_one_hold_and_the_second_lets_nothing_go(desk: Desk) -> None:
    taken(desk)
    with pytest.raises(Conflict):
        taken(desk)
    desk.pass_time(HOUR)

    assert (desk.bank.live, desk.states()) == (["pi_ses_1:1"], [HoldState.HELD])


def test_two_starts_at_once_ask_for_one_hold_and_one_of_them_binds_it(desk: Desk) -> None:
    first = take(ACCOUNT, SESSION, TWENTY, holding=desk.holding)
    second = take(ACCOUNT, SESSION, TWENTY, holding=desk.holding)
    desk.start(first)  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        desk.commit(second, None)  # type: ignore[arg-type]
    give_up(ACCOUNT, SESSION, holding=desk.holding)
    desk.pass_time(HOUR)

    assert desk.bank.live == ["pi_ses_1:1"]


def test_a_start_does_not_bind_what_is_being_let_go(desk: Desk) -> None:
    binding = take(ACCOUNT, SESSION, TWENTY, holding=desk.holding)
    give_up(ACCOUNT, SESSION, holding=desk.holding)
    with pytest.raises(Conflict):
        desk.start(binding)  # type: ignore[arg-type]
    taken(desk)
    desk.pass_time(HOUR)

    assert desk.bank.live == ["pi_ses_1:2"]


def test_declined_it_is_refused_with_what_helps_and_asked_for_anew_the_next_time(desk: Desk) -> None:
    desk.bank.declines["pm_1"] = "insufficient_funds"
    for _ in range(2):
        with pytest.raises(HoldDeclined) as refused:
            taken(desk)
    assert (refused.value.facts["reason"], refused.value.facts["helps"]) == ("insufficient_funds", "funds")
    desk.bank.declines.clear()
    taken(desk)

    assert desk.states() == [HoldState.DECLINED, HoldState.DECLINED, HoldState.HELD]


def test_the_banks_question_is_handed_on_and_once_answered_the_same_hold_stands(desk: Desk) -> None:
    desk.bank.declines["pm_1"] = "authentication_required"
    for _ in range(2):
        with pytest.raises(HoldNeedsAuthentication) as refused:
            taken(desk)
    assert refused.value.facts["client_secret"] == "secret"
    intent = desk.bank.intents["pi_ses_1:1"]
    until = NOW + timedelta(days=4)
    desk.bank.intents["pi_ses_1:1"] = replace(intent, status="requires_capture", decline_code=None, until=until)
    taken(desk)

    assert (desk.states(), desk.bank.live) == ([HoldState.HELD], ["pi_ses_1:1"])


def test_a_question_that_nobody_answers_in_time_is_withdrawn(desk: Desk) -> None:
    desk.bank.declines["pm_1"] = "authentication_required"
    with pytest.raises(HoldNeedsAuthentication):
        taken(desk)
    desk.pass_time(HOUR)

    assert (desk.states(), desk.bank.intents["pi_ses_1:1"].status) == ([HoldState.RELEASED], "canceled")


def test_whose_payment_is_not_in_order_is_asked_nothing_nor_is_anybody_for_too_little(desk: Desk) -> None:
    payer = desk.billed.payers[ACCOUNT]
    for broken in (replace(payer, payment_method=None), replace(payer, failed=frozenset({"x"}))):
        desk.billed.payers[ACCOUNT] = broken
        assert list(take(ACCOUNT, SESSION, TWENTY, holding=desk.holding)) == []
    desk.billed.payers[ACCOUNT] = payer
    assert list(take(ACCOUNT, SESSION, Money(SMALL - 1, "EUR"), holding=desk.holding)) == []
    assert (desk.bank.calls, desk.holds.kept) == (0, {})


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(SMALL, 9000))
def test_what_is_captured_never_passes_what_is_held_due_or_billed_and_leaves_nothing_too_small(
    held: int, due: int, total: int
) -> None:
    amount = to_capture(Money(held, "EUR"), due, Money(total, "EUR"))

    assert 0 <= amount <= min(held, due, total)
    for part in (amount, total - amount):
        assert part == 0 or part >= SMALL
    if min(held, due) >= total:
        assert amount == total


@given(st.sampled_from(["KWD", "ISK", "UGX"]), st.integers(0, 900_000), st.integers(0, 900_000), st.integers(1, 900))
def test_what_is_captured_is_what_the_provider_can_move(currency: str, held: int, due: int, steps: int) -> None:
    step, least = step_of(currency), minimum_charge(currency).minor
    total = least + steps * step
    amount = to_capture(Money(held, currency), due, Money(total, currency))

    assert amount % step == 0
    assert amount <= min(held, due, total)
    assert all(part == 0 or part >= least for part in (amount, total - amount))


def test_of_what_is_to_be_held_the_part_is_asked_for_that_the_provider_can_move(desk: Desk) -> None:
    """
    A quarter of 5.555 KWD is 1.389, of which Stripe holds 1.380; less than it charges in the currency it does not.
    """
    take(ACCOUNT, SESSION, Money(1389, "KWD"), holding=desk.holding)

    assert desk.holds.kept[SESSION, 1].amount == Money(1380, "KWD")
    assert take(ACCOUNT, "ses_2", Money(999, "KWD"), holding=desk.holding) == []


def settled(desk: Desk, books: Books) -> Settled:
    """What the worker does once the session has ended."""
    desk.opened.clear()
    books.billed.payers = desk.billed.payers
    desk.billed = books.billed
    found = desk.holds.of_session(ACCOUNT, SESSION)

    def do(commit: Commit) -> Settled:
        parts = {"billed": books.billed, "used": books.rides, "ledger": books.journal, "shared": books.shares}
        issuing = Issuing(books.notes, books.numbers)
        return settle(ACCOUNT, MAY, "EUR", issuing=issuing, time_zone_data="2026b", now=LATER, commit=commit, **parts)  # type: ignore[arg-type]

    return settle_with_holds(found, lambda _session: books.rides.cost(), do, holding=desk.holding)


class TestUsing:
    """A session that has ended is settled, and its hold pays."""

    @pytest.mark.parametrize(
        ("cost", "captured", "by_card"),
        [(150, 150, 0), (2000, 2000, 0), (2050, 2000, 50), (2010, 1960, 50), (9000, 2000, 7000)],
    )
    @pytest.mark.parametrize("breaks", [None, (1, False), (1, True), (2, False), (2, True)])
    def test_it_is_captured_once_attached_once_and_the_card_pays_the_rest_wherever_it_broke_off(
        self, desk: Desk, cost: int, captured: int, by_card: int, breaks: tuple[int, bool] | None
    ) -> None:
        taken(desk)
        books = Books()
        books.rides.ridden(MAY, cost)
        for _ in range(2):
            settled(desk, books)
        (invoice,) = books.billed.made.values()
        takes, card = Takes(), []
        takes.pay = lambda *_: card.append(cost - captured)  # type: ignore[method-assign]
        collector = HoldsFirst(takes, desk.holding, books.journal, ZONE)
        if breaks is not None:
            desk.bank.calls, (desk.bank.breaks, desk.bank.after) = 0, breaks
            with pytest.raises(CollectorUnavailable):
                collector.pay("in_1", invoice, "pm_1")
            desk.bank.breaks = None
        (invoice,) = books.billed.made.values()
        collector.pay("in_1", invoice, "pm_1")

        (hold,) = desk.holds.kept.values()
        assert (hold.state, hold.captured, desk.bank.attached) == (
            HoldState.CAPTURED,
            captured,
            [("pi_ses_1:1", "in_1")],
        )
        assert card == ([by_card] if by_card else [])

    def test_a_session_that_came_to_nothing_lets_it_go_at_once_and_is_told(self, desk: Desk) -> None:
        taken(desk)
        settled(desk, Books())
        desk.pass_time(timedelta(0))

        assert (desk.states(), desk.bank.live) == ([HoldState.RELEASED], [])
        assert desk.holds.told == ["hold_released 20.00 EUR 0.00 EUR"]

    def test_of_a_month_that_is_parked_it_stands_until_that_is_released(self, desk: Desk) -> None:
        taken(desk)
        books = Books()
        books.rides.ridden(MAY, 700)
        books.billed.held[MAY] = Parked(ACCOUNT, MAY, "negative_total", {}, NOW)
        settled(desk, books)
        assert desk.bank.live == ["pi_ses_1:1"]
        books.billed.held[MAY] = replace(books.billed.held[MAY], released_at=NOW)
        settled(desk, books)

        assert desk.holds.kept[SESSION, 1].invoice_id == "acc-1:2021-05:1"

    def test_one_that_has_ended_meanwhile_leaves_all_of_it_to_the_card(self, desk: Desk) -> None:
        taken(desk)
        books = Books()
        books.rides.ridden(MAY, 700)
        settled(desk, books)
        desk.bank.intents["pi_ses_1:1"] = replace(desk.bank.intents["pi_ses_1:1"], status="canceled")
        takes = Takes()
        HoldsFirst(takes, desk.holding, books.journal, ZONE).pay("in_1", next(iter(books.billed.made.values())), "pm_1")

        assert (takes.asked, desk.states(), desk.bank.attached) == (["pay 1"], [HoldState.EXPIRED], [])

    @pytest.mark.parametrize(("credited", "captured", "by_card"), [(600, 100, 0), (670, 0, 30)])
    def test_of_what_was_credited_meanwhile_nothing_is_captured(
        self, desk: Desk, credited: int, captured: int, by_card: int
    ) -> None:
        taken(desk)
        books = Books()
        books.rides.ridden(MAY, 700)
        settled(desk, books)
        invoice = replace(next(iter(books.billed.made.values())), credited=credited)
        books.billed.made[MAY, invoice.number] = invoice
        takes = Takes()
        HoldsFirst(takes, desk.holding, books.journal, ZONE).pay("in_1", invoice, "pm_1")
        desk.pass_time(timedelta(days=5))

        assert (desk.holds.kept[SESSION, 1].captured, takes.asked) == (captured, ["pay 1"] if by_card else [])
        assert desk.bank.live == []

    def test_while_collection_is_stopped_nothing_is_captured(self, desk: Desk) -> None:
        taken(desk)
        books = Books()
        books.rides.ridden(MAY, 700)
        settled(desk, books)
        stopped = Guarded(
            HoldsFirst(Takes(), desk.holding, books.journal, ZONE), SwitchesInMemory(Switch(stopped=True))
        )
        with pytest.raises(CollectionStopped):
            stopped.pay("in_1", next(iter(books.billed.made.values())), "pm_1")

        assert desk.bank.live == ["pi_ses_1:1"]
