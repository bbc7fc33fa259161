"""What withdrawing and announcing refuse."""

from chalicelib.kernel.errors import Conflict, Invalid, NotFound


class NoWithdrawal(Conflict):
    """There is no right to withdraw from this subscription, or no more; it can be ended at any time."""


class NothingStated(Conflict):
    """No withdrawal was stated in the last day; state it first, then confirm it."""


class WithdrawalChanged(Conflict):
    """The withdrawal was stated anew meanwhile; look at it again."""


class NotWithdrawn(NotFound):
    """There is no receipt, as no withdrawal was confirmed."""


class AnnouncedAlready(Conflict):
    """A change of this plan is announced already; call it off first."""


class NothingToAnnounce(Conflict):
    """The plan's newest version is the only one, or it was announced before."""


class TooSoon(Invalid):
    """Customers are told at least so long before a new version holds for them."""


class UnknownAnnouncement(NotFound):
    """There is no such announcement."""


class AnnouncementOver(Conflict):
    """The announcement was called off, or what it announced holds already."""
