"""What a session is charged beside its use: counted here, rated and sealed as any use is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.access.model import NEVER_STARTED, AccessSession, ChargeRecord, Need, State
from chalicelib.access.ports import Sessions
from chalicelib.access.priced import PricedReservation
from chalicelib.catalogue.model import Product
from chalicelib.kernel.ids import digest
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, format_instant
from chalicelib.kernel.writes import Write
from chalicelib.rating import Tariff, Use, line_document, rate
from chalicelib.rating.ordered import RESERVED, Orders


def with_one(ordered: Mapping[str, Decimal], name: str, tariff: Tariff) -> Mapping[str, Decimal]:
    """One more of it, if the tariff has a price for it."""
    if name not in tariff.ordered_meters:
        return ordered
    return {**ordered, name: ordered.get(name, Decimal(0)) + 1}


def ordered_by(session: AccessSession, at: datetime) -> Mapping[str, Decimal]:
    """What was ordered by then: what is noted, and for how long it is reserved at a price."""
    if session.priced is None or session.state is not State.RESERVED:
        return session.ordered
    amount = session.priced.quantity(min(at, session.reserved_until or at))
    return {**session.ordered, RESERVED: amount} if amount else session.ordered


def evidence_of(session: AccessSession, ordered: Mapping[str, Decimal]) -> Mapping[str, tuple[str, ...]]:
    """The booking or the reservation shows it."""
    return dict.fromkeys(ordered, (session.booking_id or session.session_id,))


def need_of_orders(session: AccessSession, as_of: datetime) -> Need:
    """Of what was never handed out: nothing was needed, and this is ordered."""
    ordered = ordered_by(session, as_of)
    at = session.ended_at or as_of
    rows = sorted([name, plain(amount)] for name, amount in ordered.items())
    made_from = [session.session_id, format_instant(session.started_at), format_instant(at), rows]
    return Need((), ordered, evidence_of(session, ordered), digest(made_from))


def closed(session: AccessSession, at: datetime, ordered: Mapping[str, Decimal]) -> AccessSession:
    """What came to nothing; it ended then if something of it is to be charged."""
    return replace(session, ended_at=max(at, session.started_at), ordered=ordered, priced=None) if ordered else session


def cost_of_orders(session: AccessSession, tariff: Tariff, at: datetime) -> Money:
    """What of the session is ordered by then, by itself."""
    use = _use_of_orders(session, tariff, need_of_orders(session, at))
    return total((line.amount for line in rate([use])), tariff.currency)


def _use_of_orders(session: AccessSession, tariff: Tariff, need: Need) -> Use:
    return Use(
        session.session_id,
        tariff,
        session.started_at,
        session.ended_at or session.started_at,
        open=False,
        quantities=need.quantities,
        evidence=need.evidence,
        kind="order",
    )


def sealed_orders(session: AccessSession, tariff: Tariff, now: datetime) -> ChargeRecord:
    """The charge record of what was ordered and not used."""
    need = need_of_orders(session, now)
    use = _use_of_orders(session, tariff, need)
    lines = tuple(line_document(line) for line in rate([use]) if line.kind == "charge")
    return ChargeRecord(session, need, lines, tariff.currency, sealed_at=now)


def charging_orders(
    session: AccessSession, tariff: Tariff, now: datetime, zone: str, *, sessions: Sessions
) -> Sequence[Write]:
    """Charge what came to nothing, in the month in which it did, if anything of it is charged."""
    if session.ended_at is None or session.state not in NEVER_STARTED:
        return []
    return sessions.charging(sealed_orders(session, tariff, now), Month.of(session.ended_at, zone))


def reserved_unit(tariff: Tariff) -> str | None:
    """The unit in which the tariff prices reserved time, if it does."""
    if RESERVED not in tariff.ordered_meters:
        return None
    return next(meter.unit for meter in tariff.meters if meter.name == RESERVED)


def longest_reservation(product: Product, tariff: Tariff) -> timedelta:
    """How long it is held at most: while that is free, and longer where the tariff has a price for it."""
    policy = product.policy
    return policy.free_reservation + (policy.priced_reservation if reserved_unit(tariff) else timedelta(0))


def reserving_orders(product: Product, tariff: Tariff) -> Orders:
    """What a reservation may bring at most, whether it is handed out or not."""
    unit = reserved_unit(tariff)
    if unit is None:
        return Orders()
    least = datetime.min.replace(tzinfo=UTC)
    amount = PricedReservation(least, unit).quantity(least + product.policy.priced_reservation)
    return Orders(beside={RESERVED: amount})
