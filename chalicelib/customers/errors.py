"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Forbidden


class NotSignedUp(Forbidden):
    """The sign-in is valid, but nobody has signed up with it yet."""


class AccountClosed(Forbidden):
    """The account is closed."""


class AlreadySignedUp(Conflict):
    """Somebody has signed up with this sign-in already."""
