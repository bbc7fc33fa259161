"""What partners were sent is what their statements say, whatever was corrected, refunded, refused and lost."""

from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.billing.currencies import minimum_charge, step_of
from chalicelib.billing.errors import CollectorUnavailable
from chalicelib.billing.onboarding import account_changed, onboard
from chalicelib.billing.paying_out import PayingOut, pay_out
from chalicelib.billing.payout_model import MovementState
from chalicelib.billing.sharing_out import share_out
from chalicelib.kernel.time import Month
from chalicelib.ledger.accounts import STRIPE_CLEARING, payable, payable_pending, receivable
from chalicelib.rating.share import ShareRule, ShareTier
from tests.unit.billing.books import ACCOUNT, APRIL, JULY, JUNE, MAY, ZONE, Books
from tests.unit.billing.payouts import NOW, Bank
from tests.unit.billing.test_crediting import TAKEN, Chaos, again
from tests.unit.billing.test_settling_shares import sharing
from tests.unit.memory import Commits

MONTHS, PARTNERS = (APRIL, MAY, JUNE, JULY), ("par-1", "par-2")
URLS = {"refresh_url": "https://x.example/again", "return_url": "https://x.example"}


def rule_of(name: str, currency: str, least: int) -> ShareRule:
    """Each in about the amounts that are billed."""
    percent = (ShareTier(Decimal("66.6667")),)
    return {
        "percent": ShareRule(currency, percent),
        "fixed": ShareRule(currency, per_session=least // 3),
        "minimum": ShareRule(currency, percent, minimum=5 * least + 1),
        "tiers": ShareRule(currency, (ShareTier(Decimal(30), 3 * least), ShareTier(Decimal("99.5")))),
        "all": ShareRule(currency, percent, per_session=7, minimum=least, per_fault=3),
    }[name]


@dataclass
class Lives:
    """An account that uses two partners' things, both of which have accounts that are ready."""

    books: Books
    bank: Bank = field(default_factory=Bank)
    commit: Commits = field(default_factory=Commits)

    def __post_init__(self) -> None:
        kept = {"payouts": self.books.payouts, "provider": self.bank, "now": NOW, "commit": self.commit}
        for partner in PARTNERS:
            onboard(partner, **URLS, **kept)
            account_changed(f"acct-{partner}", **kept)

    def do(self, kind: str, month: Month, number: int) -> None:
        if kind == "state":
            self.books.stated(month, partner=PARTNERS[number % 2])
        elif kind == "send":
            self.send()
        elif kind == "other ride":
            if month not in self.books.billed.settled:
                self.books.rides.ridden(month, number, product="par-2:tool")
        else:
            TAKEN[kind](self.books, month, number)

    def send(self) -> None:
        """What is paid is shared out, each invoice twice, and what waits is sent."""
        kept = {"billed": self.books.billed, "payouts": self.books.payouts, "held_of": lambda _invoice: ()}
        for month, number in [*self.books.billed.made] * 2:
            share_out(ACCOUNT, month, number, **kept, now=NOW, commit=self.commit)
        for partner in PARTNERS:
            by = PayingOut(self.books.payouts, self.bank, self.books.journal, ZONE, NOW, self.commit)
            with suppress(CollectorUnavailable):
                pay_out(partner, by)


def billed_and_paid(cents: list[int]) -> list[tuple[str, Month, int]]:
    """April and May, each with rides at both partners, paid and sent."""
    used = [("ride", APRIL), ("other ride", APRIL), ("ride", MAY), ("other ride", MAY)]
    begun = [(kind, month, minor) for (kind, month), minor in zip(used, cents, strict=True)]
    return [*begun, *((kind, month, 0) for month in (APRIL, MAY) for kind in ("settle", "pay", "send"))]


KINDS = ("ride", "other ride", "correct", "correct", "settle", "pay", "give back", "fail", "choose", "state", "send")
steps = st.tuples(st.sampled_from(KINDS), st.sampled_from((JUNE, JULY)), st.integers(0, 900))
begun = st.lists(st.integers(0, 900), min_size=4, max_size=4).map(billed_and_paid)
stories = st.builds(list.__add__, begun, st.lists(steps, min_size=3, max_size=25))
troubles = st.lists(st.sampled_from(["", "lost", "answer lost", "refused", "of this payment"]), max_size=8)


@settings(max_examples=200)
@example([("ride", MAY, 500), ("other ride", MAY, 500)], [], "tiers", "minimum", "JPY")
@given(
    stories,
    troubles,
    st.sampled_from(("percent", "fixed", "minimum", "tiers", "all")),
    st.sampled_from(("percent", "fixed", "minimum", "tiers", "all")),
    st.sampled_from(("EUR", "JPY", "KWD", "ISK")),
)
def test_what_partners_were_sent_and_what_waits_is_what_their_statements_say(
    story: list[tuple[str, Month, int]], broken: list[str], one: str, other: str, currency: str
) -> None:
    """
    At the end, when all is settled, paid, given back, stated and sent: each partner's statements add up to what its
    account holds, what waits to be sent, and the share of what was too small to be collected; and so does the ledger.
    """
    least = minimum_charge(currency).minor
    books = sharing(rule_of(one, currency, least))
    books.rides.currency = currency
    books.shares.rules["par-2"] = rule_of(other, currency, least)
    lives, random = Lives(books), Random(len(story))
    chaos = Chaos(broken)
    books.stripe.trouble = lives.bank.trouble = lambda: chaos() if random.random() < 0.5 else ""  # type: ignore[method-assign,assignment]
    scale = max(1, least // 50)
    ends = [(kind, month, 0) for month in MONTHS for kind in ("settle", "give back", "send")]
    for kind, month, number in [*story, *ends]:
        lives.do(kind, month, number if kind in ("state", "choose") else number * scale)
    books.stripe.trouble = lives.bank.trouble = str  # type: ignore[method-assign,assignment]
    for kind in ("give back", "pay", "give back"):
        for month in MONTHS:
            lives.do(kind, month, 0)
    again(books)
    stated = {each: [books.stated(month, partner=each) for month in MONTHS] for each in PARTNERS}
    lives.send()

    owed = books.journal.sum_of(receivable(ACCOUNT))
    for partner, months in stated.items():
        total = sum(each.total for each in months if each is not None)
        sent, waits = lives.bank.holds.get(f"acct-{partner}", 0), books.payouts.owed(partner)
        pending = -books.journal.sum_of(payable_pending(partner))
        assert sent + waits + pending == total
        assert -books.journal.sum_of(payable(partner)) == waits
        assert waits < step_of(currency)
        assert pending == 0 or owed or books.notes.kept
    moved = sum(lives.bank.holds.values())
    given = sum(sum(each.values()) for each in books.stripe.given.values())
    paid = sum(each.paid.minor for each in books.stripe.invoices.values()) - given
    assert books.journal.sum_of(STRIPE_CLEARING) == paid - moved
    assert all(each.state is not MovementState.PLANNED for each in books.payouts.all.values())
