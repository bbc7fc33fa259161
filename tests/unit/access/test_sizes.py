"""What a long or busy session comes to in items and transactions: DynamoDB takes 400 KB, and 100 writes."""

import random
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.access.charge_items import charge_item
from chalicelib.access.ending import sealed
from chalicelib.access.metered import subject_of
from chalicelib.access.model import AccessSession, NeedPolicy, State
from chalicelib.access.need import need_of
from chalicelib.kernel.time import Month
from chalicelib.metering.head import Head
from chalicelib.metering.model import Event
from chalicelib.metering.sealing import sealing
from chalicelib.metering.usage import Usage, months_between
from chalicelib.rating import tariff_from_document
from chalicelib.storage.writes import MAX_WRITES

START = datetime(2021, 5, 1, 8, tzinfo=UTC)
METERS = ("km", "kwh", "wash", "dry", "spin")
_RANDOM = random.Random(1)


class OneTariff:
    """A catalogue with one tariff."""

    def __init__(self) -> None:
        self.made = tariff_from_document(
            {
                "tariff_id": "par-1:washer",
                "version": 1,
                "zone": "Europe/Helsinki",
                "currency": "EUR",
                "tax_inclusive": True,
                "meters": [{"name": name, "unit": "each", "most_per_hour": "1000"} for name in METERS],
                "prices": [
                    {"id": f"p-{name}", "kind": "unit", "meter": name, "unit_amount": "0.01"} for name in METERS
                ],
            }
        )

    def tariff(self, *_: object) -> object:
        return self.made


def session(days: int) -> AccessSession:
    return AccessSession(
        session_id="ses_" + "a" * 26,
        account_id="acc_" + "a" * 26,
        customer_id="cus_" + "a" * 26,
        partner_id="par_" + "a" * 26,
        product_id="washer",
        asset_id="washer-1",
        tariff_version=1,
        quote_id="quo_" + "a" * 26,
        started_at=START,
        meters=dict.fromkeys(METERS, "each"),
        state=State.ENDED,
        ended_at=START + timedelta(days=days),
        policy=NeedPolicy(),
    )


def event(name: str, second: int) -> Event:
    own_id = str(uuid.UUID(int=_RANDOM.getrandbits(128)))
    return Event("/makers/washers", own_id, "ses_" + "a" * 26, START + timedelta(seconds=second), name, Decimal(1))


@pytest.mark.parametrize("each", [100, 1_900])
def test_the_charge_record_of_a_busy_session_fits_into_an_item(each: int) -> None:
    """A machine with five meters reports each of them some times a day for months; ids are UUIDs."""
    ended = session(200)
    events = tuple(event(name, 60 * number) for number in range(each) for name in METERS)
    usage = Usage(Head(ended.session_id, Month(2021, 5)), events)
    need = need_of(ended, [usage], START + timedelta(days=200))
    record = sealed(ended, need, START + timedelta(days=200), catalogue=OneTariff())  # type: ignore[arg-type]
    stored = charge_item(record).serialize()
    size = sum(len(name) + len(str(next(iter(value.values())))) for name, value in stored.items())
    assert size < 400_000, f"{size} bytes"


@pytest.mark.parametrize("years", [1, 8])
def test_a_session_of_some_years_can_be_ended_in_one_transaction(years: int) -> None:
    """An appliance as a service is at home for many years; its session's heads are sealed with its end."""
    ended = replace(session(1), ended_at=START + timedelta(days=365 * years))
    months = months_between(START, ended.ended_at or START, "Europe/Helsinki")
    seen = [Usage(Head(ended.session_id, month), ()) for month in months]
    heads = Heads()
    assert len(sealing(subject_of(ended), seen, heads=heads)) + 9 <= MAX_WRITES  # type: ignore[arg-type]


class Heads:
    """Counts writes."""

    def saving(self, settled: object) -> object:
        return settled
