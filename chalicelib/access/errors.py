"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Contended, Forbidden, Invalid, NotFound


class QuoteForged(Invalid):
    """The quote is not one of ours, or was changed on its way."""


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


class DeviceElsewhere(Forbidden):
    """A device asks about its own asset only."""


class NotEntitled(Forbidden):
    """The customer may not use the asset now, so there is nothing to grant."""


class StreamsChanged(Contended):
    """The session or its streams were changed by somebody else just now; try again."""


class UnknownSession(NotFound):
    """This customer has no such session."""


class AlreadyEnded(Conflict):
    """The session has ended already."""


class NotStarted(Conflict):
    """The session has not started, or never did."""


class NotReserved(Conflict):
    """The session is not a reservation any more."""


class ReservationOver(Conflict):
    """The reservation has expired."""


class TooManyActs(Conflict):
    """The session has been paused and resumed too often."""


class StopInThePast(Invalid):
    """The instant has passed already."""


class StopTooFar(Invalid):
    """A session is to be ended within a year."""


class NeverThatMuch(Invalid):
    """The session would not come to that within a year."""


class SessionChanged(Conflict):
    """The session was changed by somebody else just now; look at it again."""


class NotCharged(Conflict):
    """The session has not ended yet, so there is no receipt."""


class StandChanged(Conflict):
    """The asset or its place was moved by somebody else just now."""


class PositionAtThePole(Invalid):
    """At a pole every direction is the same, and no longitude means anything: nothing is offered there."""


class InvitationForged(Invalid):
    """The invitation is not one of ours, or was changed on its way."""


class InvitationStale(Conflict):
    """The invitation is not valid any more; ask for a new one."""


class InvitationUsed(Conflict):
    """Somebody else has accepted the invitation; ask for one of your own."""


class AlreadySharing(Conflict):
    """You take part in the session already."""


class TooManySharing(Conflict):
    """No more people can take part in the session."""


class SharesDiffer(Conflict):
    """Others have joined already, and count on your share as it was."""


class HolderOnly(Forbidden):
    """Only who started the session may do that."""


class HolderStays(Conflict):
    """Who started the session ends it, and does not leave it."""


class OtherProduct(Conflict):
    """The asset is of another product: end this session, and start that one at its own price."""


class TooManyMoves(Conflict):
    """The session has gone on with another asset too often; end it and start anew."""


class EligibilityMissing(Forbidden):
    """What the product asks for has not been shown yet."""


class EligibilityExpired(Forbidden):
    """What was shown is not good any more; show it again."""


class ConsentMissing(Forbidden):
    """The product needs a consent that is not given, or was withdrawn."""


class BadLimit(Invalid):
    """The limit is not one that can be set."""


class TooManyOpen(Conflict):
    """As many sessions are open as you allow yourself."""


class TooManyReserved(Conflict):
    """As many things are reserved for you as may be at once."""


class ReservedLately(Conflict):
    """It was reserved for you a moment ago; start it, or leave it to others for a while."""


class BudgetPassed(Conflict):
    """The budget that you have set has no room for this."""


class BadWish(Invalid):
    """A wish is not one that can be kept."""


class ConfirmationMissing(Conflict):
    """You have wished to be asked before this is started; confirm it."""


class LimitsMoved(Conflict):
    """Your limits were changed, or something was started, since the quote was given; ask for a new one."""


class UnknownCase(NotFound):
    """You have no such case."""


class CaseChanged(Conflict):
    """The case was opened or closed by somebody else just now; look at it again."""


class NothingToWaitFor(Conflict):
    """It is free: start or reserve it."""


class LineFull(Conflict):
    """Too many wait for it already."""


class TooManyLines(Conflict):
    """You wait for so many things already; leave another line first."""


class NotWaiting(Forbidden):
    """Nobody has signed up for the account that waits."""


class WaitingChanged(Contended):
    """The line was changed by somebody else just now; try again."""
