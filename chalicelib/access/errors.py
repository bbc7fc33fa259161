"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class QuoteForged(Invalid):
    """The quote is none that we gave."""


class QuoteStale(Conflict):
    """The quote is not valid any more; ask for a new one."""


class QuoteForAnother(Forbidden):
    """The quote was given to another account."""


class WrongCode(Invalid):
    """The code is not the one of the quoted asset."""


class AssetInUse(Conflict):
    """The asset is in use."""


class UnknownDevice(NotFound):
    """None of this partner's assets has such a device."""


class UnknownSession(NotFound):
    """This customer has no such session."""


class AlreadyEnded(Conflict):
    """The session has ended already."""


class NotCharged(Conflict):
    """The session has not ended yet, so there is no receipt."""
