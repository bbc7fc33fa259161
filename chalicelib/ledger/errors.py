"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Invalid


class Unbalanced(Invalid):
    """Postings of an entry sum to zero in each currency."""


class UnknownLedgerAccount(Invalid):
    """The ledger has no account of that name."""


class Unsourced(Invalid):
    """Each posting names what it was made of."""


class Misplaced(Invalid):
    """An entry is of the account and the month that its reference says."""


class EntryExists(Conflict):
    """The reference is posted already."""


class BalanceKept(Conflict):
    """The balance of that instant is kept already."""
