"""What charges that partners state need from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.billing.model import Settlement
from chalicelib.billing.owed_model import ChargeState, Evidence, PartnerCharge
from chalicelib.kernel.writes import Write


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose charges: a partner's, an account's, or, naming neither, everybody's."""

    partner_id: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which charges of a list; what is None says nothing. `told` are those alone that their customers were told of."""

    state: ChargeState | None = None
    kind: str | None = None
    session_id: str | None = None
    told: bool = False

    def fits(self, charge: PartnerCharge) -> bool:
        """Whether it is one of these."""
        return (
            self.state in (None, charge.state)
            and self.kind in (None, charge.kind)
            and self.session_id in (None, charge.session_id)
            and (charge.is_told or not self.told)
        )


class Charges(Protocol):
    """Where charges are kept."""

    def find(self, charge_id: str) -> PartnerCharge | None:
        """The charge, or None."""

    def listed(self, whose: Whose, wanted: Wanted, *, limit: int, after: str | None) -> Sequence[PartnerCharge]:
        """A page of these, in order of when they were made; `after` is a charge's `place`."""

    def of_account(self, account_id: str) -> Sequence[PartnerCharge]:
        """All of an account."""

    def with_settlements(self, account_id: str) -> tuple[Sequence[Settlement], Sequence[PartnerCharge]]:
        """All of an account, and what its months came to."""

    def saving(self, charge: PartnerCharge) -> Sequence[Write]:
        """Store it, if the stored version is the one before its own."""

    def billing(self, charge: PartnerCharge) -> Sequence[Write]:
        """The same for a settlement, which is computed again where a charge was changed meanwhile."""

    def lapsing(self, charge: PartnerCharge, now: datetime) -> Write:
        """Have somebody look at it when its period is over."""

    def looking_at(self, charge_id: str, at: datetime, now: datetime) -> Write:
        """Have somebody look at it who may change it, as of the instant."""

    def to_be_billed(self, charge: PartnerCharge, now: datetime) -> Write:
        """Have its account settled with the open month, and its own month corrected if that is another."""

    def telling(self, charge: PartnerCharge, code: str, now: datetime) -> Write:
        """Have its customer told."""


class SessionOfCharge(NamedTuple):
    """What is asked about a session that something is charged for."""

    session_id: str
    account_id: str
    partner_id: str
    product_id: str
    asset_id: str
    category: str
    started_at: datetime
    was_used: bool


class SessionsOfCharges(Protocol):
    """The sessions that partners name (access and the catalogue know)."""

    def find(self, session_id: str) -> SessionOfCharge | None:
        """The session, or None."""


LINK_SECONDS = 300
"""For how long a link to evidence is good."""


class Upload(NamedTuple):
    """Where, until when and with which headers a file is put."""

    href: str
    headers: dict[str, str]
    seconds: int


class EvidenceFiles(Protocol):
    """Where evidence is kept: every version for good."""

    def upload(self, charge: PartnerCharge, file: Evidence) -> Upload:
        """Let exactly these bytes be put there, once, for a short time."""

    def seal(self, charge: PartnerCharge, file: Evidence) -> Evidence | None:
        """The file with the version of it that is there by now; None if it is not, or is another one."""

    def link(self, charge: PartnerCharge, file: Evidence) -> str:
        """A short-lived address of the sealed version."""
