"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Invalid


class Unbalanced(Invalid):
    """Postings of an entry sum to zero in each currency."""


class EntryExists(Conflict):
    """The reference is posted already."""
