"""What auditing needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.finance.audit_model import AuditRecord
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write


class Audits(Protocol):
    """Where audit records are kept. None is ever changed."""

    def recording(self, record: AuditRecord) -> Write:
        """Store one."""

    def of_month(self, month: Month, *, limit: int, after: str | None) -> Sequence[AuditRecord]:
        """A page of a month of UTC, the newest first."""
