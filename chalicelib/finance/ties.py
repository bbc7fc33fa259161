"""How the totals of an export tie: sums from different files and from the settlements, side by side, to the cent."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.billing.credit_postings import GOODWILL
from chalicelib.billing.postings import SETTLEMENT
from chalicelib.finance.documents import taxes_of
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.rows import settlement_of
from chalicelib.finance.tie import Tie
from chalicelib.ledger.accounts import STRIPE_CLEARING
from chalicelib.ledger.model import JournalEntry

MOST_SHOWN = 100
_OWED_BY = frozenset({SETTLEMENT, GOODWILL})
"""What makes customers owe more, or less, beside payments: these have their documents."""
Totals = Mapping[str, Mapping[str, int]]
"""Control totals by file."""


class Ties:
    """A reader that adds up what no file does. Satisfies `ports.Divisible`.

    `accounts` counts accounts by whether they are settled, parked or open; `differing` are the first of those settled
    ones whose rated lines are not what settlements took: evidence came since, and the next settlement takes it.
    """

    def __init__(self) -> None:
        self.accounts: Counter[str] = Counter()
        self.differing: list[str] = []
        self._sums: Counter[tuple[str, str]] = Counter()

    def account(self, each: AccountMonth) -> None:
        """What its settlement says."""
        state, rated = settlement_of(each), each.statement.total.minor
        self.accounts[state] += 1
        settled = each.settlement.gross if each.settlement is not None else 0
        self._add("settled", each.currency, settled + each.later)
        if state == "settled":
            if rated != settled + each.later and len(self.differing) < MOST_SHOWN:
                self.differing.append(each.account_id)
        else:
            self._add("not_settled", each.currency, rated - settled - each.later)
        self._add("later", each.currency, each.later)
        if each.settlement is not None:
            posted = sum(each.settlement.posted.values())
            self._add("posted", each.currency, posted)
            self._add("carried", each.currency, each.settlement.left)
        for note in each.notes:
            self._add("noted", each.currency, note.total.minor)
            self._add("noted_tax", each.currency, sum(row.tax for row in taxes_of(note)))

    def entry(self, entry: JournalEntry) -> None:
        """What its postings say."""
        for posting in entry.postings:
            kind, amount = posting.ledger_account.partition(":")[0], posting.amount
            if kind == "share-cost" or posting.ledger_account == STRIPE_CLEARING:
                self._add(kind, amount.currency, amount.minor)
            if kind == "receivable" and entry.kind in _OWED_BY:
                self._add(entry.kind, amount.currency, amount.minor)
            if kind == "tax" and entry.kind == GOODWILL:
                self._add("goodwill_tax", amount.currency, -amount.minor)

    def kept(self) -> Iterator[Any]:
        """Accounts, those that differ, and the sums."""
        yield [dict(self.accounts), self.differing, [[*key, minor] for key, minor in self._sums.items()]]

    def take(self, kept: Any) -> None:  # noqa: ANN401 -- JSON
        """The same of a part."""
        accounts, differing, sums = kept
        self.accounts.update(accounts)
        self.differing += differing[: MOST_SHOWN - len(self.differing)]
        for name, currency, minor in sums:
            self._add(name, currency, minor)

    def _add(self, name: str, currency: str, minor: int) -> None:
        self._sums[name, currency] += minor

    def ties(self, totals: Totals) -> Iterator[Tie]:
        """All of them, by currency."""
        names = {name.rpartition("_")[2] for sums in totals.values() for name in sums}
        for currency in sorted(names | {currency for (_, currency), minor in self._sums.items() if minor}):
            for name, left, right, meaning in EQUATIONS:
                yield Tie(
                    name, currency, self._side(left, currency, totals), self._side(right, currency, totals), meaning
                )

    def _side(self, terms: str, currency: str, totals: Totals) -> int:
        """Terms with + and - before them: `file:total` of a file, else a sum of our own."""
        found = 0
        for term in terms.split():
            sign, name = (-1, term[1:]) if term[0] == "-" else (1, term)
            file, colon, total = name.partition(":")
            sums = totals.get(f"{file}.csv.gz", {})
            found += sign * (sums.get(f"{total}_{currency}", 0) if colon else self._sums[name, currency])
        return found


EQUATIONS = (
    ("sessions", "usage:rated", "sessions:charged", "Rated lines add up to what sessions and charges come to."),
    ("rated", "usage:rated", "settled not_settled", "What was rated is settled, or its account is parked or open."),
    (
        "billed",
        "posted",
        "invoices:billed -noted carried",
        "What was settled is on documents of the month, or carried.",
    ),
    (
        "adjusted",
        "posted later",
        "settled adjustments:adjusted",
        "What was settled is of the month, or corrects earlier ones.",
    ),
    (
        "documents",
        "documents:gross",
        "invoices:billed -noted goodwill",
        "Documents are the invoices less credit notes.",
    ),
    (
        "document_tax",
        "documents:tax",
        "invoices:tax -noted_tax goodwill_tax",
        "Tax on documents is that of invoices less credit notes; of goodwill, what the journal owes less.",
    ),
    ("journal", "journal:debit", "journal:credit", "The journal balances."),
    ("receivable", "settlement", "posted", "What was settled is booked as owed by customers."),
    (
        "stripe",
        "payments:received",
        "stripe-clearing",
        "Movements of money are what the journal says Stripe holds more.",
    ),
    ("partners", "partners:gross", "posted", "Partners' rows are all that was settled."),
    ("shares", "partners:share", "share-cost", "Partners' shares are what the journal has as their cost."),
)
