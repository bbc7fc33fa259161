"""What settling many accounts at once asks of access beside what settling one does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.access.model import AccessSession, ChargeRecord, RecordName
from chalicelib.kernel.time import Month


class Marks(Protocol):
    """Where it is marked that an account is to be billed for a month."""

    def adjusted_among(self, accounts: Sequence[str], month: Month) -> Mapping[str, Sequence[Month]]:
        """For each of at most 100 accounts the earlier months of which a charge was corrected in this one."""

    def charged_named(self, names: Sequence[tuple[str, RecordName]]) -> Sequence[ChargeRecord | None]:
        """Those of these accounts and names, at most 100, in their order; None for one that is not there."""

    def charged_and_open(
        self, account_id: str, since: datetime
    ) -> tuple[Sequence[ChargeRecord], Sequence[AccessSession]]:
        """The account's charge records from an instant on, each revision in order, and its open sessions, at once."""
