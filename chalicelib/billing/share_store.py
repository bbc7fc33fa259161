"""Tax rates and partners' rows in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.errors import RatesSetMeanwhile, SettlementChanged, StatementChanged
from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.share_items import (
    RATES,
    RatesRecord,
    RowRecord,
    StatementRecord,
    partner_partition,
    rates_key,
    rates_of,
    rates_record,
    row_of,
    row_record,
    rows_partition,
    statement_key,
    statement_of,
    statement_record,
)
from chalicelib.billing.share_model import ShareRow, StatedRates
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put


class ShareStore:
    """Satisfies `share_ports.ShareRows`."""

    def stated_rates(self, month: Month) -> StatedRates | None:
        """One query for the newest that began by then."""
        until = RatesRecord.sk.between("since#", rates_key(month) + "~")
        return next(map(rates_of, RatesRecord.listed(RATES, until, limit=1, backwards=True)), None)

    def stating_rates(self, stated: StatedRates) -> Write:
        """Beside what was stated before."""
        return Put(rates_record(stated), RatesSetMeanwhile(), RatesRecord.pk.does_not_exist())

    def rows(self, partner_id: str, month: Month) -> Sequence[ShareRow]:
        """One query, more for many accounts."""
        return [row_of(each) for each in RowRecord.listed(rows_partition(partner_id, month))]

    def saving_row(self, row: ShareRow) -> Write:
        """In place of the one before: the settlement that it is written with was made of the last proof."""
        return Put(row_record(row), SettlementChanged(month=str(row.month)))

    def statement(self, partner_id: str, month: Month) -> PartnerStatement | None:
        """One consistent read."""
        record = StatementRecord.find(partner_partition(partner_id), statement_key(month))
        return statement_of(record) if record else None

    def statements(self, partner_id: str, *, limit: int, after: str | None) -> Sequence[PartnerStatement]:
        """One query."""
        start = StatementRecord.sk.startswith("statement#")
        behind = statement_key(Month.parse(after)) if after else None
        rows = StatementRecord.listed(partner_partition(partner_id), start, limit=limit, after=behind)
        return [statement_of(each) for each in rows]

    def saving_statement(self, stated: PartnerStatement) -> Write:
        """On the version before."""
        before = StatementRecord.version == stated.version - 1
        condition = StatementRecord.pk.does_not_exist() if stated.version == 1 else before
        return Put(statement_record(stated), StatementChanged(month=str(stated.month)), condition)

    def stating(self, partner_id: str, month: Month, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"partner_id": partner_id, "month": str(month)}
        return message("billing.state", f"{partner_id}:{month}", facts, now)
