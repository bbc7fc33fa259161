"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Contended, Invalid, NotFound, TooMuch, Unavailable


class BadEvent(Invalid):
    """The event is not valid."""


class UnknownSubject(NotFound):
    """The subject is none of this partner's sessions and assets."""


class TooLate(Invalid):
    """The event's time is more than 35 days ago; only a backfill goes further back."""


class TooEarly(Invalid):
    """The event's time is more than 5 minutes ahead."""


class Implausible(Invalid):
    """The value is outside what the session's length allows."""


class SubjectFull(TooMuch):
    """The subject has as many events in this month as are kept for one."""


class HeadChanged(Conflict):
    """Another writer changed the subject's usage meanwhile; read it again."""


class BadMeter(Invalid):
    """The meter's definition is not valid."""


class SubjectBusy(Contended):
    """Too many writers report on this subject just now; send it again."""


class TableBusy(Unavailable):
    """The data could not be reached in time; try again. What was sent may have been counted: a repeat is harmless."""


class PageMissing(Unavailable):
    """A part of the subject's usage could not be read; try again."""


class UnknownMeter(NotFound):
    """There is no such meter, or no such version of it."""


class TooManyMeters(TooMuch):
    """The partner has as many meters as can be defined."""


class MetersChanged(Conflict):
    """The partner's meters are being changed by somebody else just now; try again."""


class UnknownEvent(NotFound):
    """There is no such event."""


class UnknownChange(NotFound):
    """There is no such change."""


class ChangeTaken(Conflict):
    """Another change has this id."""


class EventVoided(Conflict):
    """The event does not count already."""


class EventBeside(Conflict):
    """The event was reported already, for another time or meter than the stretch is filled with; amend it instead."""


class OtherMonth(Invalid):
    """The time lies in another month; void the event and report one with an id of its own."""


class UsageErased(Conflict):
    """The subject's events were erased; what is left is what they came to."""


class StillOpen(Conflict):
    """The session goes on; what it is charged by cannot be erased."""


class NoSuchPlace(Invalid):
    """No page of this list ended there."""


class NotChargedYet(Conflict):
    """What came last is not in the session's charge yet; try again in a moment."""


class OverLimit(TooMuch):
    """The event would bring its meter above the limit of the month."""


class NoLimit(Invalid):
    """A meter of this kind cannot be limited."""
