"""What a tax provider has split, in DynamoDB."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.billing.errors import TaxedSaleChanged
from chalicelib.billing.records import partition
from chalicelib.billing.tax_items import START, TaxedRecord, sale_of, taxed_key, taxed_record
from chalicelib.billing.tax_model import TaxedSale
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Put

RECORD, DUE = "billing.record_tax", "billing.settle_due"


class TaxStore:
    """Satisfies `tax_ports.TaxedSales`."""

    def of_account(self, account_id: str) -> Sequence[TaxedSale]:
        """One query, more for many."""
        return [sale_of(each) for each in TaxedRecord.listed(partition(account_id), TaxedRecord.sk.startswith(START))]

    def find(self, account_id: str, name: str) -> TaxedSale | None:
        """One consistent read."""
        record = TaxedRecord.find(partition(account_id), taxed_key(name))
        return sale_of(record) if record else None

    def saving(self, sale: TaxedSale) -> Write:
        """On the revision before."""
        before = TaxedRecord.revision == sale.revision - 1
        condition = TaxedRecord.pk.does_not_exist() if sale.revision == 1 else before
        return Put(taxed_record(partition(sale.account_id), sale), TaxedSaleChanged(sale=sale.name), condition)

    def recording(self, sale: TaxedSale, now: datetime) -> Write:
        """A message to the worker, one for each revision."""
        facts = {"account_id": sale.account_id, "name": sale.name}
        return message(RECORD, f"{sale.sale_id}:{sale.revision}", facts, now)

    def settling_later(self, account_id: str, month: Month, at: datetime, now: datetime) -> Write:
        """A timer; at the same instant it is the same one."""
        return setting(Timer(at, DUE, {"account_id": account_id, "month": str(month)}), now)
