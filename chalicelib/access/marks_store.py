"""What the marks of accounts that are to be billed say, read for many accounts at once."""

from collections.abc import Mapping, Sequence

from chalicelib.access.records import ActiveRecord, active_record
from chalicelib.kernel.time import Month
from chalicelib.storage.reads import find_all


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
