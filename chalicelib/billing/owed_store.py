"""Charges that partners state, in DynamoDB."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.model import Settlement
from chalicelib.billing.owed_errors import ChargeChanged
from chalicelib.billing.owed_items import (
    SETTLES,
    OwedRecord,
    PlaceRecord,
    charge_of,
    id_key,
    key_of,
    of_partner,
    owed_record,
    place_record,
)
from chalicelib.billing.owed_model import PartnerCharge
from chalicelib.billing.owed_ports import Wanted, Whose
from chalicelib.billing.records import SETTLED, SettlementRecord, partition, settlement_of
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import of_kinds
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Put

PERIOD_OVER, LAPSE, TO_BE_BILLED = "billing.charge_period", "billing.charge_lapse", "billing.charge_due"


class ChargeStore:
    """Satisfies `owed_ports.Charges`."""

    def find(self, charge_id: str) -> PartnerCharge | None:
        """Two consistent reads: where it is, and it."""
        where = PlaceRecord.find(*id_key(charge_id))
        record = OwedRecord.find(*key_of(where.account_id, where.place)) if where else None
        return charge_of(record) if record else None

    def listed(self, whose: Whose, wanted: Wanted, *, limit: int, after: str | None) -> Sequence[PartnerCharge]:
        """One query, more until there are enough that fit."""
        if whose.account_id is not None:
            rows = _of_account(whose.account_id, after)
        else:
            rows = OwedRecord.listed(of_partner(whose.partner_id), after=after)
        return list(islice((each for each in map(charge_of, rows) if wanted.fits(each)), limit))

    def of_account(self, account_id: str) -> Sequence[PartnerCharge]:
        """One query."""
        return list(map(charge_of, _of_account(account_id)))

    def with_settlements(self, account_id: str) -> tuple[Sequence[Settlement], Sequence[PartnerCharge]]:
        """One query: nothing stands between the two."""
        between = OwedRecord.sk.between(SETTLED, f"{SETTLES}~")
        rows = list(of_kinds({SETTLED: SettlementRecord, SETTLES: OwedRecord}, partition(account_id), between))
        settlements = [settlement_of(each) for each in rows if isinstance(each, SettlementRecord)]
        return settlements, [charge_of(each) for each in rows if isinstance(each, OwedRecord)]

    def saving(self, charge: PartnerCharge) -> Sequence[Write]:
        """The charge on the version before, its copies in the other lists, and at first where it is."""
        return self._saving(charge, ChargeChanged(charge_id=charge.charge_id))

    def billing(self, charge: PartnerCharge) -> Sequence[Write]:
        """On the version before."""
        return self._saving(charge, SettlementChanged(month=str(charge.month)))

    def _saving(self, charge: PartnerCharge, changed: Refusal) -> list[Write]:
        before = OwedRecord.version == charge.version - 1
        condition = OwedRecord.pk.does_not_exist() if charge.version == 1 else before
        own = Put(owed_record(charge, *key_of(charge.account_id, charge.place)), changed, condition)
        lists = [of_partner(charge.partner_id), of_partner(None)]
        copies = [Put(owed_record(charge, pk, charge.place), changed) for pk in lists]
        first = [Put(place_record(charge), changed, PlaceRecord.pk.does_not_exist())] if charge.version == 1 else []
        return [own, *copies, *first]

    def lapsing(self, charge: PartnerCharge, now: datetime) -> Write:
        """A timer."""
        facts = {"charge_id": charge.charge_id}
        return setting(Timer(charge.objection_until or now, PERIOD_OVER, facts), now)

    def looking_at(self, charge_id: str, at: datetime, now: datetime) -> Write:
        """A message to the worker."""
        return message(LAPSE, charge_id, {"charge_id": charge_id, "at": format_instant(at)}, now)

    def to_be_billed(self, charge: PartnerCharge, now: datetime) -> Write:
        """A message to the worker, who has the right to mark months."""
        facts = {"account_id": charge.account_id, "month": str(charge.month)}
        return message(TO_BE_BILLED, f"{charge.charge_id}:{charge.version}", facts, now)

    def telling(self, charge: PartnerCharge, code: str, now: datetime) -> Write:
        """A message to the worker."""
        facts = {"account_id": charge.account_id, "about": charge.charge_id, "code": code}
        said = {
            "kind": charge.kind,
            "state": str(charge.state),
            "session": charge.session_id,
            "amount": str(charge.amount.amount),
            "currency": charge.amount.currency,
            "told_at": format_instant(now),
        }
        until = {"objection_until": format_instant(charge.objection_until)} if charge.objection_until else {}
        return message("dialogue.tell", f"{charge.charge_id}:{charge.version}", {**until, **said, **facts}, now)


def _of_account(account_id: str, after: str | None = None) -> Iterable[OwedRecord]:
    pk, behind = key_of(account_id, after or "")
    return OwedRecord.listed(pk, OwedRecord.sk.startswith(SETTLES), after=behind if after else None)
