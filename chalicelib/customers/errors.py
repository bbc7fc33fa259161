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


class SignInLinked(Forbidden):
    """You have another sign-in now, and this one opens nothing more."""


class AccountNotChosen(Forbidden):
    """You have no account of your own: name the one in whose name you call."""


class MinorMayNot(Forbidden):
    """A minor may not do that; whoever guards them in the account may."""


class UnknownMember(NotFound):
    """Nobody by that id is in this account."""


class AlreadyAMember(Conflict):
    """You are in this account already."""


class NoMembersHere(Conflict):
    """Nobody else can be in an account of one person; open one for a family or a firm."""


class RoleNotHere(Invalid):
    """There is no such role in an account of this kind."""


class OwnerNeeded(Conflict):
    """An account has an owner; make somebody else one first."""


class GuardianNeeded(Conflict):
    """A minor is in an account only with somebody who guards them."""


class HasOwnAccount(Conflict):
    """Whoever has signed up for themselves is not a minor in another's account."""


class SignUpNeeded(Conflict):
    """Whoever owns, pays or guards has to have signed up for themselves."""


class TooManyMembers(Conflict):
    """There are as many in this account as it can have."""


class TooManyAccounts(Conflict):
    """You are in as many accounts as anybody can be."""


class MembersChanged(Conflict):
    """Who is in the account was changed by somebody else just now; look at it again."""


class MembershipMoved(Conflict):
    """What you may do in this account has moved on since you asked; ask for the price again."""


class BadMember(Invalid):
    """That cannot be said of somebody in an account."""


class BadAccount(Invalid):
    """That cannot be said of an account."""


class UnknownInvitation(NotFound):
    """There is no such invitation to an account."""


class NobodyThere(NotFound):
    """Nobody has that as an account of their own."""


class InvitationTaken(Conflict):
    """Somebody has accepted this invitation already."""


class InvitationWithdrawn(Conflict):
    """This invitation was withdrawn."""


class InvitationExpired(Conflict):
    """This invitation is too old to be accepted; ask for a new one."""


class UnknownLink(NotFound):
    """That links no sign-in here."""


class LinkExpired(Conflict):
    """That is too old to link a sign-in by; ask for a new one."""


class AlreadyLinked(Conflict):
    """The customer has got another sign-in by this already."""


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
    """The consent is to no purpose of a partner's."""


class StillSomethingOpen(Conflict):
    """Something is still open; end or cancel it first, and then leave."""


class OwnAccount(Conflict):
    """Your own account closes when you leave."""


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
