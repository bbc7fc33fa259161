"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class UnknownPartner(NotFound):
    """There is no such partner."""


class UnknownKey(NotFound):
    """This partner has no such key."""


class NameMissing(Invalid):
    """A partner needs a name of 1 to 120 characters."""


class KeyTooNarrow(Forbidden):
    """A device's key is good for its signals alone."""


class KeyOfAnotherDevice(Forbidden):
    """The key is another device's."""


class ShareMonthBegun(Conflict):
    """A share is agreed before its month begins."""


class ShareSetMeanwhile(Conflict):
    """Another rule was set at this instant; look at it, and set yours again."""


class IdTaken(Conflict):
    """The id is taken; try again."""


class KeyRefused(Forbidden):
    """The API key is malformed, unknown, revoked, or of the other mode."""
