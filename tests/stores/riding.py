"""A ride from start to end on the stores, for the tests of access and billing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from chalicelib.access.model import AccessSession, ChargeRecord, Need, NeedInterval, NeedState
from chalicelib.access.store import SessionStore
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Interval, Month
from chalicelib.rating import RatedLine, line_document
from chalicelib.storage.writes import Transaction

START = datetime(2021, 5, 31, 20, 0, tzinfo=UTC)
MAY, JUNE = Month(2021, 5), Month(2021, 6)
sessions = SessionStore()


def session(number: int = 1, account_id: str = "acc-1", asset_id: str = "bike-7") -> AccessSession:
    return AccessSession(
        session_id=f"ses-{number}",
        account_id=account_id,
        customer_id="cus-1",
        partner_id="par-1",
        product_id="bike",
        asset_id=asset_id,
        tariff_version=1,
        quote_id="quo-1",
        started_at=START + timedelta(minutes=number),
        meters={"use_seconds": "s"},
    )


def record(
    given: AccessSession, minutes: int = 30, revision: int = 0, quantities: Mapping[str, Decimal] | None = None
) -> ChargeRecord:
    """Ended after so many minutes."""
    ended = given.end(given.started_at + timedelta(minutes=minutes)) if given.ended_at is None else given
    assert ended.ended_at is not None
    need = Need(
        intervals=(
            NeedInterval(NeedState.IN_USE, Interval(ended.started_at, ended.ended_at), ("event-1", "event-2")),
            NeedInterval(NeedState.KEPT, Interval(ended.ended_at, ended.ended_at)),
        ),
        quantities=quantities or {"use_seconds": Decimal("242.5")},
        evidence={"start": ("event-1",), "use_seconds": ("event-2",)},
        digest="d" * 64,
    )
    line = RatedLine(
        use_id=ended.session_id,
        price_id="unlock",
        kind="charge",
        charge_class="use",
        quantity=Decimal(1),
        unit="start",
        unit_price=Decimal("0.5"),
        amount=Money(50, "EUR"),
        code="flat",
        evidence=("event-1",),
    )
    return ChargeRecord(ended, need, (line_document(line),), "EUR", ended.ended_at, revision)


def ride(commit: Transaction, number: int = 1, minutes: int = 30, **whose: str) -> ChargeRecord:
    """Start and end."""
    begun = session(number, **whose)
    commit(sessions.starting(begun, 1), None)
    ended = record(begun, minutes)
    commit(sessions.ending(ended, MAY), None)
    return ended
