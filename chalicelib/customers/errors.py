"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class NotSignedUp(Forbidden):
    """The sign-in is valid, but nobody has signed up with it yet."""


class AccountClosed(Forbidden):
    """The account is closed."""


class NotAMember(Forbidden):
    """You are not in the account that the call names."""


class RoleMayNot(Forbidden):
    """What you are in this account does not let you do that."""


class AlreadySignedUp(Conflict):
    """Somebody has signed up with this sign-in already."""


class NotShown(Invalid):
    """The proof does not show what is to be shown."""


class ShownExpired(Invalid):
    """What the proof shows has expired."""


class VerifierUnavailable(Unavailable):
    """Nobody can check this now; nothing was changed, try again."""


class ShownMeanwhile(Conflict):
    """Something newer was shown meanwhile."""


class UnknownConsent(NotFound):
    """This customer never agreed to that."""


class ConsentChanged(Conflict):
    """The consent was changed by somebody else just now; look at it again."""


class BadConsent(Invalid):
    """The consent is to nothing that a quote would name."""


class StillSomethingOpen(Conflict):
    """Something is still open; end or cancel it first, and then leave."""


class AlreadyErased(Conflict):
    """The account is being erased already."""


class ErasureChanged(Conflict):
    """The erasure went on meanwhile."""


class UnknownErasure(NotFound):
    """No erasure has this receipt."""


class DataFileChanged(Conflict):
    """Another file was asked for meanwhile."""


class AccessRecorded(Conflict):
    """A read is recorded once."""
