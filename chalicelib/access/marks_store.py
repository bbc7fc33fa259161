"""What settling many accounts asks beside what settling one does: marks of many, and what one has, at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.access.charge_items import charge_of, charged_key
from chalicelib.access.model import AccessSession, ChargeRecord, RecordName
from chalicelib.access.records import ActiveRecord, ChargeItem, SessionRecord, active_record, session_of
from chalicelib.kernel.time import Month
from chalicelib.storage.reads import find_all, of_kinds

_CHARGED, _OPEN = "charged#", "open#"


class MarkStore:
    """Satisfies `marks_ports.Marks`."""

    def adjusted_among(self, accounts: Sequence[str], month: Month) -> Mapping[str, Sequence[Month]]:
        """One consistent batch read."""
        marks = [active_record(each, month) for each in accounts]
        found = find_all([(ActiveRecord, each.pk, each.sk) for each in marks])
        adjusts = (each.adjusts if isinstance(each, ActiveRecord) else None for each in found)
        return {
            account_id: [Month.parse(each) for each in sorted(months or ())]
            for account_id, months in zip(accounts, adjusts, strict=True)
        }

    def charged_named(self, names: Sequence[tuple[str, RecordName]]) -> Sequence[ChargeRecord | None]:
        """One consistent batch read."""
        found = find_all([(ChargeItem, f"account#{account_id}", charged_key(*name)) for account_id, name in names])
        return [charge_of(each) if isinstance(each, ChargeItem) else None for each in found]

    def charged_and_open(
        self, account_id: str, since: datetime
    ) -> tuple[Sequence[ChargeRecord], Sequence[AccessSession]]:
        """One query: nothing that is kept for long stands between the two."""
        between = ChargeItem.sk.between(charged_key(since), f"{_OPEN}~")
        rows = list(of_kinds({_CHARGED: ChargeItem, _OPEN: SessionRecord}, f"account#{account_id}", between))
        charged = [charge_of(each) for each in rows if isinstance(each, ChargeItem)]
        return charged, [session_of(each) for each in rows if isinstance(each, SessionRecord)]
