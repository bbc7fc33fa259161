"""The parts of charges that partners state: where they are, what is asked of access and the catalogue, the policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.edge.settings import SettingMissing, Settings

if TYPE_CHECKING:  # as in wiring
    from chalicelib.access.ports import Sessions
    from chalicelib.billing.owed_model import ChargePolicy
    from chalicelib.billing.owed_ports import SessionOfCharge
    from chalicelib.catalogue.ports import Catalogue

_MOST, _DAYS = "2000", "14"
_LONGEST = 365


def charge_policy(settings: Settings) -> ChargePolicy:
    """`ADGANG_CHARGE_MOST` in major units; `ADGANG_OBJECTION_DAYS` as in `14` or `14,fine=30`."""
    from chalicelib.billing.owed_model import ChargePolicy
    from chalicelib.kernel.errors import Refusal
    from chalicelib.kernel.money import Money
    from chalicelib.rating.stated import CHARGE_KINDS

    try:
        most = Money.of(settings.optional("ADGANG_CHARGE_MOST", _MOST), settings.currency)
        usual, *others = settings.optional("ADGANG_OBJECTION_DAYS", _DAYS).split(",")
        periods = {kind.strip(): _days(text) for kind, _, text in (each.partition("=") for each in others)}
        policy = ChargePolicy(most, _days(usual), periods)
    except (ValueError, Refusal) as error:
        raise SettingMissing("ADGANG_CHARGE_MOST, ADGANG_OBJECTION_DAYS") from error
    if most.minor <= 0 or not set(periods) <= set(CHARGE_KINDS):
        raise SettingMissing("ADGANG_CHARGE_MOST, ADGANG_OBJECTION_DAYS")
    return policy


def _days(text: str) -> timedelta:
    days = int(text)
    if not 0 < days <= _LONGEST:
        raise ValueError(text)
    return timedelta(days=days)


@dataclass(frozen=True, slots=True)
class ChargedSessions:
    """Satisfies `billing.owed_ports.SessionsOfCharges` out of access and the catalogue."""

    sessions: Sessions
    catalogue: Catalogue

    def find(self, session_id: str) -> SessionOfCharge | None:
        """Two reads: the session, and its product's category."""
        from chalicelib.access.model import NEVER_STARTED
        from chalicelib.billing.owed_ports import SessionOfCharge

        session = self.sessions.find(session_id)
        if session is None:
            return None
        product = self.catalogue.product(session.partner_id, session.product_id)
        return SessionOfCharge(
            session_id=session.session_id,
            account_id=session.account_id,
            partner_id=session.partner_id,
            product_id=session.product_id,
            asset_id=session.asset_id,
            category=product.category if product else "",
            started_at=session.started_at,
            was_used=session.state not in NEVER_STARTED,
        )
