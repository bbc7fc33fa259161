"""Charges that a partner states, in memory: where they are kept, evidence, sessions, and a month's books with them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from chalicelib.billing.errors import SettlementChanged
from chalicelib.billing.owed_errors import ChargeChanged
from chalicelib.billing.owed_model import ChargePolicy, Evidence, PartnerCharge
from chalicelib.billing.owed_ports import SessionOfCharge, Upload, Wanted, Whose
from chalicelib.billing.owed_uses import with_charges
from chalicelib.billing.owing import Owing, Stating, draft
from chalicelib.billing.ports import NOTHING_STATED, MonthUsed, Paid
from chalicelib.kernel.errors import Conflict, Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.rating.stated import ChargeKind
from tests.unit.billing.books import ACCOUNT, MAY, ZONE, BilledInMemory, Books, Rides
from tests.unit.memory import InMemory, write

DAY = timedelta(days=1)
BEGAN = MAY.interval(ZONE).start + timedelta(hours=9)
NOW = BEGAN + 40 * DAY
PHOTO = Evidence("a" * 64, "image/jpeg", 1000)
POLICY = ChargePolicy(Money(100_000, "EUR"), 14 * DAY, {"fine": 30 * DAY})


class ChargesInMemory:
    """Satisfies `owed_ports.Charges`."""

    def __init__(self) -> None:
        self.kept: dict[str, PartnerCharge] = {}
        self.told: list[str] = []
        self.timers: list[tuple[str, datetime]] = []

    def find(self, charge_id: str) -> PartnerCharge | None:
        return self.kept.get(charge_id)

    def listed(self, whose: Whose, wanted: Wanted, *, limit: int, after: str | None) -> list[PartnerCharge]:
        rows = sorted(self.kept.values(), key=lambda each: each.place)
        mine = [
            each
            for each in rows
            if whose.account_id in (None, each.account_id) and whose.partner_id in (None, each.partner_id)
        ]
        return [each for each in mine if wanted.fits(each) and each.place > (after or "")][:limit]

    def of_account(self, account_id: str) -> list[PartnerCharge]:
        return [each for each in self.kept.values() if each.account_id == account_id]

    def saving(self, charge: PartnerCharge) -> list[InMemory]:
        return self._saving(charge, ChargeChanged())

    def billing(self, charge: PartnerCharge) -> list[InMemory]:
        return self._saving(charge, SettlementChanged())

    def _saving(self, charge: PartnerCharge, otherwise: Refusal) -> list[InMemory]:
        def same() -> bool:
            before = self.kept.get(charge.charge_id)
            return (before.version if before else 0) == charge.version - 1

        return [write(otherwise, lambda: self.kept.update({charge.charge_id: charge}), holds=same)]

    def lapsing(self, charge: PartnerCharge, now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.timers.append((charge.charge_id, charge.objection_until or now)))

    def looking_at(self, charge_id: str, _at: datetime, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"look {charge_id}"))

    def to_be_billed(self, charge: PartnerCharge, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"bill {charge.month}"))

    def telling(self, charge: PartnerCharge, code: str, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.told.append(f"{code} {charge.state}"))


class FilesInMemory:
    """Satisfies `owed_ports.EvidenceFiles`: everything announced is there, but for what `missing` names."""

    def __init__(self) -> None:
        self.missing: set[str] = set()

    def upload(self, charge: PartnerCharge, file: Evidence) -> Upload:
        return Upload(f"put/{charge.charge_id}/{file.sha256}", {}, 300)

    def seal(self, _charge: PartnerCharge, file: Evidence) -> Evidence | None:
        return None if file.sha256 in self.missing else replace(file, version="v1")

    def link(self, _charge: PartnerCharge, file: Evidence) -> str:
        return f"get/{file.sha256}/{file.version}"


class OneSession:
    """Satisfies `owed_ports.SessionsOfCharges`."""

    def __init__(self) -> None:
        self.session = SessionOfCharge("ses-1", ACCOUNT, "par-1", "bike", "bike-1", "bikes", BEGAN, was_used=True)

    def find(self, session_id: str) -> SessionOfCharge | None:
        return self.session if session_id == self.session.session_id else None


@dataclass
class RidesAndCharges(Rides):
    """Satisfies `billing.ports.Used`, with charges."""

    charges: ChargesInMemory = field(default_factory=ChargesInMemory)
    billed: BilledInMemory = field(default_factory=BilledInMemory)

    def month(self, account_id: str, month: Month, now: datetime, paid: Paid = NOTHING_STATED) -> MonthUsed:
        found = super().month(account_id, month, now, paid)
        return with_charges(found, account_id, month, now, ZONE, charges=self.charges, billed=self.billed)  # type: ignore[arg-type]


@dataclass
class Desk(Books):
    """The books with charges, and those who act on them."""

    rides: RidesAndCharges = field(default_factory=RidesAndCharges)
    files: FilesInMemory = field(default_factory=FilesInMemory)
    sessions: OneSession = field(default_factory=OneSession)
    random: Random = field(default_factory=lambda: Random(1))
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.rides.billed = self.billed

    @property
    def charges(self) -> ChargesInMemory:
        return self.rides.charges

    @property
    def owing(self) -> Owing:
        return Owing(ZONE, POLICY, self.charges, self.now, self.commit)

    def draft(
        self, kind: ChargeKind = "damage", cents: int = 12000, *evidence: Evidence, **other: object
    ) -> PartnerCharge:
        asked = Stating("par-1", "key-1", "ses-1", kind, Money(cents, "EUR"), {"en": "A bent wheel"}, BEGAN, evidence)
        asked = replace(asked, **other)  # type: ignore[arg-type]
        return draft(asked, sessions=self.sessions, random_bytes=self.random.randbytes, owing=self.owing)

    def corrected_month(self, month: Month, seen_in: Month) -> None:
        self.rides.adjusts.setdefault(seen_in, set()).add(month)
