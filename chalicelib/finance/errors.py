"""What this area refuses."""

from chalicelib.kernel.errors import Conflict, Invalid, NotFound


class MonthNotEnded(Conflict):
    """The month has not ended yet."""


class NotClosed(NotFound):
    """The month has not been closed yet."""


class UnknownExport(NotFound):
    """There is no such export."""


class ExportNotReady(Conflict):
    """The export is still being written."""


class ExportRefused(Conflict):
    """The export could not be written; ask for another version once what it says is mended."""


class UnmappedAccount(Conflict):
    """A ledger account has no number in the mapping of accounts."""


class ChartInvalid(Invalid):
    """The mapping of ledger accounts to account numbers cannot be read."""


class ForeignCurrency(Conflict):
    """An account has amounts of another currency than accounts settle in."""


class SettledAgain(Conflict):
    """An account was settled again after the version was asked for, and what it came to before is not kept."""


class PartsExpired(Conflict):
    """What parts of the export came to is kept no longer; ask for another version, which reads them anew."""


class VersionTaken(Conflict):
    """The bucket has a version of this number that is not this one, as after a restored table; ask for another."""


class StoreRefused(Conflict):
    """The bucket of exports refuses what the worker asks of it: a right is missing, or the bucket is."""


class CloseExists(Conflict):
    """The month is being closed already."""


class ExportExists(Conflict):
    """Another export of this month was asked for at the same moment; ask again."""


class PageDone(Conflict):
    """The page is settled already."""


class PageExists(Conflict):
    """The page is made already."""


class PlanChanged(Conflict):
    """Another worker has planned the same parts."""


class SumsChanged(Conflict):
    """Another page has ended at the same moment."""


class StillClosing(Conflict):
    """The month is still being closed."""


class UnknownFailure(NotFound):
    """That account has not failed in this close."""


class AccountSettled(Conflict):
    """The account was settled meanwhile."""


class AccountReleased(Conflict):
    """The account was released while its page was settled."""


class NotReconciled(NotFound):
    """The month has not been reconciled yet."""


class ReconciliationExists(Conflict):
    """The month is being reconciled, or was, as of that instant."""


class ReconciliationChanged(Conflict):
    """Another worker is reconciling the month."""


class AuditRecorded(Conflict):
    """The read is recorded already."""
