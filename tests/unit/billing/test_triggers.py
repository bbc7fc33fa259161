"""An account is settled as its sessions end, when enough is unbilled, or at the close: always to the same sum."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.billing.currencies import minimum_charge
from chalicelib.billing.errors import MonthBegun, SettlementChanged, ThresholdInvalid
from chalicelib.billing.model import Invoice
from chalicelib.billing.ports import NOTHING_STATED, MonthUsed, Paid
from chalicelib.billing.statement import statement
from chalicelib.billing.triggers import Ended, SettleAt, SettlementPolicy, is_due, policy_of, set_policy, unbilled
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import payable_pending, receivable, revenue, share_cost, tax
from chalicelib.rating.figures import TaxRates
from chalicelib.rating.share import ShareRule, ShareTier
from tests.unit.billing.books import ACCOUNT, APRIL, JUNE, LATER, MAY, ZONE, Books, Rides, SideBySide
from tests.unit.memory import InMemory, write

BIKE = "par-1:bike"
SMALL = minimum_charge("EUR").minor
IN_MAY = datetime(2021, 5, 20, tzinfo=UTC)


@dataclass
class RidesAsTheyGo(Rides):
    """Some of them go on."""

    running: set[str] = field(default_factory=set)

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid = NOTHING_STATED) -> MonthUsed:
        found = super().month(account_id, month, now, paid)
        return found._replace(uses=[replace(use, open=use.use_id in self.running) for use in found.uses])


class EndedRides(Ended):
    """Of these, what has ended."""

    currency = "EUR"


class PoliciesInMemory:
    """Satisfies `triggers.Policies`."""

    def __init__(self) -> None:
        self.kept: list[SettlementPolicy] = []

    def policy(self, month: Month, account_id: str = "") -> SettlementPolicy | None:
        found = [each for each in self.kept if each.since <= month and each.account_id == account_id]
        return max(found, key=lambda each: each.since) if found else None

    def setting_policy(self, policy: SettlementPolicy) -> InMemory:
        return write(Conflict(), lambda: self.kept.insert(0, policy))


@dataclass
class Triggered(Books):
    """Books that are settled by policy."""

    rides: RidesAsTheyGo = field(default_factory=RidesAsTheyGo)
    policies: PoliciesInMemory = field(default_factory=PoliciesInMemory)

    def goes_by(self, at: SettleAt | None, threshold: int = 0, since: Month = MAY, account_id: str = "") -> None:
        amount = Money(threshold, "EUR") if threshold else None
        policy = SettlementPolicy(since, at, amount, account_id, "fred", IN_MAY)
        set_policy(policy, ZONE, policies=self.policies, commit=self.commit)

    def charged(self, month: Month) -> None:
        """What the worker does about a new charge record."""
        what = {"policies": self.policies, "billed": self.billed, "used": self.rides, "now": LATER}
        if is_due(ACCOUNT, month, "EUR", **what):  # type: ignore[arg-type]
            self.settle_ended(month)

    @property
    def made(self) -> list[Invoice]:
        return list(self.billed.made.values())

    def settle_ended(self, month: Month) -> None:
        all_rides, self.rides = self.rides, EndedRides(self.rides)  # type: ignore[assignment]
        try:
            self.settle(month)
        finally:
            self.rides = all_rides


@pytest.fixture
def books() -> Triggered:
    return Triggered()


def charged_ride(books: Triggered, cents: int) -> str:
    """A ride of May whose charge is settled if the policy says so."""
    (name,) = books.rides.ridden(MAY, cents)
    books.charged(MAY)
    return name


def test_without_a_policy_an_account_waits_for_the_close(books: Triggered) -> None:
    books.rides.ridden(MAY, 900)
    books.charged(MAY)

    assert books.billed.made == {}
    assert policy_of(ACCOUNT, MAY, policies=books.policies).at is SettleAt.MONTH_END


def test_by_session_each_end_is_billed_once_it_is_worth_collecting(books: Triggered) -> None:
    books.goes_by(SettleAt.SESSION_END)
    for cents in (SMALL - 1, 1, 700, 30):
        books.rides.ridden(MAY, cents)
        books.charged(MAY)

    assert [each.total.minor for each in books.billed.made.values()] == [SMALL, 700]
    assert books.billed.settled[MAY].carried_out == 30


def test_what_was_carried_within_a_month_is_said_by_session_at_first_and_then_as_of_that_month(
    books: Triggered,
) -> None:
    """
    0.49 wait for the cent that makes them worth collecting: both rides are on the bill, and nothing is of April. Later
    0.30 wait for 8.00: these 0.30 are of May.
    """
    books.goes_by(SettleAt.SESSION_END)
    first, second = (charged_ride(books, cents) for cents in (SMALL - 1, 1))
    for cents in (30, 800):
        charged_ride(books, cents)

    assert [[(each.about, each.reference, each.amount.minor) for each in made.lines] for made in books.made] == [
        [("session", first, SMALL - 1), ("session", second, 1)],
        [("product", BIKE, 800), ("carried", "2021-05", 30)],
    ]


def test_what_april_left_is_on_mays_first_document_as_of_april_however_often_may_was_settled(books: Triggered) -> None:
    books.rides.ridden(APRIL, 20)
    books.settle(APRIL)
    books.goes_by(SettleAt.SESSION_END)
    names = [charged_ride(books, cents) for cents in (9, 10, 11)]

    (made,) = books.made
    assert [(each.about, each.reference, each.amount.minor) for each in made.lines] == [
        *(("session", name, cents) for name, cents in zip(names, (9, 10, 11), strict=True)),
        ("carried", "2021-04", 20),
    ]


def test_a_session_that_goes_on_is_not_billed_before_it_ends(books: Triggered) -> None:
    books.goes_by(SettleAt.SESSION_END)
    books.rides.ridden(MAY, 700)
    (running,) = books.rides.ridden(MAY, 900)
    books.rides.running.add(running)
    books.charged(MAY)
    assert books.invoiced() == 700
    books.rides.running.clear()
    books.charged(MAY)

    assert books.invoiced() == 1600


def test_a_threshold_counts_what_is_carried_and_settles_everything_once_it_is_reached(books: Triggered) -> None:
    books.goes_by(SettleAt.THRESHOLD, 1000)
    for cents in (600, 399):
        books.rides.ridden(MAY, cents)
        books.charged(MAY)
    assert books.invoiced() == 0
    books.rides.ridden(MAY, 1)
    books.charged(MAY)

    assert books.invoiced() == 1000
    assert unbilled(ACCOUNT, MAY, "EUR", billed=books.billed, used=books.rides, now=LATER) == 0


def test_what_an_earlier_month_left_counts_for_the_threshold(books: Triggered) -> None:
    """
    0.40 of April are carried; 9.60 of May reach ten euros, not 9.59.
    """
    books.rides.ridden(APRIL, 40)
    books.settle(APRIL)
    books.goes_by(SettleAt.THRESHOLD, 1000)
    charged_ride(books, 959)
    assert books.invoiced() == 0
    charged_ride(books, 1)

    assert books.invoiced() == 1000


def test_what_is_left_of_another_currency_counts_for_no_threshold(books: Triggered) -> None:
    books.rides.currency = "SEK"
    books.rides.ridden(APRIL, 200)
    books.settle(APRIL)
    books.rides.currency = "EUR"
    books.rides.ridden(MAY, 900)

    assert unbilled(ACCOUNT, MAY, "EUR", billed=books.billed, used=books.rides, now=LATER) == 900


def test_what_crosses_the_threshold_twice_at_once_is_billed_once(books: Triggered) -> None:
    """
    Two rides end at the same moment; each worker finds the threshold reached, and one is told to look again.
    """
    books.goes_by(SettleAt.THRESHOLD, 1000)
    books.rides.ridden(MAY, 900, 800)
    own = books.commit
    books.commit = SideBySide(own, lambda: books.charged(MAY))
    with pytest.raises(SettlementChanged):
        books.charged(MAY)
    books.commit = own
    books.charged(MAY)

    assert [each.total.minor for each in books.made] == [1700]
    assert books.journal.sum_of(receivable(ACCOUNT)) == 1700


def test_an_accounts_own_policy_goes_before_that_of_all_until_it_is_taken_back(books: Triggered) -> None:
    books.goes_by(SettleAt.SESSION_END)
    books.goes_by(SettleAt.MONTH_END, account_id=ACCOUNT)
    books.rides.ridden(MAY, 900)
    books.charged(MAY)
    assert books.invoiced() == 0
    books.goes_by(None, account_id=ACCOUNT)
    books.charged(MAY)

    assert books.invoiced() == 900


def test_a_policy_to_come_holds_from_its_month_on(books: Triggered) -> None:
    books.goes_by(SettleAt.SESSION_END, since=JUNE)

    assert policy_of(ACCOUNT, MAY, policies=books.policies).at is SettleAt.MONTH_END
    assert policy_of(ACCOUNT, JUNE, policies=books.policies).at is SettleAt.SESSION_END


def test_a_threshold_belongs_to_its_policy_alone_and_no_policy_begins_in_the_past(books: Triggered) -> None:
    for at, threshold in ((SettleAt.THRESHOLD, 0), (SettleAt.THRESHOLD, -5), (SettleAt.MONTH_END, 100)):
        with pytest.raises(ThresholdInvalid):
            books.goes_by(at, threshold)
    with pytest.raises(MonthBegun):
        books.goes_by(SettleAt.SESSION_END, since=Month(2021, 4))
    assert books.policies.kept == []


MONTHS = (MAY, JUNE, Month(2021, 7))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("start"), st.integers(0, 2), st.integers(0, 900)),
        st.tuples(st.just("end"), st.integers(0, 2), st.integers(0, 9)),
        st.tuples(st.just("correct"), st.integers(0, 2), st.integers(0, 900)),
        st.tuples(st.just("policy"), st.integers(0, 3), st.integers(1, 900)),
        st.tuples(st.just("settle"), st.integers(0, 2), st.just(0)),
    ),
    max_size=24,
)


def _do(books: Triggered, kind: str, number: int, amount: int) -> None:
    month = MONTHS[number % 3]
    if kind == "start":
        books.rides.running |= set(books.rides.ridden(month, amount))
    elif kind == "end" and books.rides.running:
        ended = sorted(books.rides.running)[amount % len(books.rides.running)]
        books.rides.running.remove(ended)
        books.charged(books.rides.cents[ended][0])
    elif kind == "correct":
        over = [name for name, (when, _, _) in books.rides.cents.items() if when <= month]
        over = [name for name in over if name not in books.rides.running]
        if over:
            books.rides.corrected(over[amount % len(over)], amount, seen_in=month)
            books.charged(month)
    elif kind == "policy":
        at = (SettleAt.MONTH_END, SettleAt.SESSION_END, SettleAt.THRESHOLD, None)[number]
        books.goes_by(at, amount if at is SettleAt.THRESHOLD else 0, account_id=ACCOUNT if amount % 2 else "")
    elif kind == "settle":
        books.settle_ended(month)


@settings(max_examples=200)
@given(steps)
def test_whatever_settles_it_and_when_each_month_comes_to_its_statement(story: list[tuple[str, int, int]]) -> None:
    """
    Sessions start, end and are corrected while policies change; at last everything has ended and the months are closed.

    After each step the ledger has what the settlements say, an invoice takes all that is posted, and nothing that goes
    on is billed. In the end what is invoiced and what is carried is what the statements come to; so it is for an
    account that was settled at each close alone; and a close that comes twice changes nothing.
    """
    books, plain = Triggered(), Books()
    for each in (books, plain):
        each.shares.rates = TaxRates({}, others=Decimal("0.25"))
        each.shares.rules["par-1"] = ShareRule("EUR", (ShareTier(Decimal(70)),))
    for kind, number, amount in story:
        before = books.invoiced()
        _do(books, kind, number, amount)
        posted = sum(sum(each.posted.values()) for each in books.billed.settled.values())
        assert books.journal.sum_of(receivable(ACCOUNT)) == posted
        assert books.invoiced() in {before, posted}
    books.rides.running.clear()
    plain.rides = books.rides
    for month in (*MONTHS, *MONTHS):
        books.settle(month)
        plain.settle(month)
    closed = books.state()
    for month in MONTHS:
        books.settle(month)

    assert books.state() == closed
    stated = sum(statement(ACCOUNT, each, "EUR", used=books.rides, now=LATER).total.minor for each in MONTHS)
    for each in (books, plain):
        assert not each.billed.held
        assert each.journal.sum_of(receivable(ACCOUNT)) == stated
        left = sum(settled.left for settled in each.billed.settled.values())
        assert each.invoiced() + left == stated
        assert abs(left) < SMALL
    for ledger_account in (revenue(BIKE), tax("0.25"), share_cost(BIKE), payable_pending("par-1")):
        assert books.journal.sum_of(ledger_account) == plain.journal.sum_of(ledger_account)
    assert [head.number for head in books.billed.heads] == list(range(1, len(books.billed.heads) + 1))
    assert all(
        head.previous == last.digest for last, head in zip(books.billed.heads, books.billed.heads[1:], strict=False)
    )
