"""Devices report by themselves: under a key of their own, late, twice, out of order; each reading counts once."""

import random
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.metering.errors import SubjectBusy
from infra.local.tariffs import CITY_BIKE_TARIFF
from tests.doors.callers import Caller, Reply, done, refused
from tests.doors.world import Customer, Partner, World

READINGS = "/partner/v1/devices/{}/signals"


class Device(Caller):
    """A lock with a bike to it."""

    def __init__(self, partner: Partner, world: World, number: int = 1, **asset: object) -> None:
        self.partner, self.world = partner, world
        self.device_id, self.sent = f"lock-{partner.partner_id[-6:]}-{number}", 0
        self.code = partner.bike()
        own = {"product_id": "city-bike", "code": self.code, "device_id": self.device_id, **asset}
        done(partner.put(f"/partner/v1/assets/{self.code.lower()}", own))
        made = done(partner.post("/partner/v1/keys", {"label": "lock", "device_id": self.device_id}))
        super().__init__(partner.base, made["key"])

    def reading(self, seconds: object = None, *, ago: float = 0, **given: object) -> dict[str, Any]:
        """Measured so many minutes ago: seconds in use, or what is given."""
        self.sent += 1
        time = (self.world.system.now() - timedelta(minutes=ago)).isoformat()
        what = {} if seconds is None else {"meter": "use_seconds", "value": str(seconds)}
        return {"id": f"r{self.sent}", "time": time, **what, **given}

    def send(self, *readings: object, to: str | None = None) -> Reply:
        return self.post(READINGS.format(to or self.device_id), {"readings": readings}, key=None)

    def told(self, *readings: object) -> list[str]:
        return [each["outcome"] for each in done(self.send(*readings))["events"]]

    def by_iot(self, *readings: object, device_id: str | None = None) -> None:
        """The same through the rule of IoT Core."""
        handler = self.world.system.doors["partner"].handler("signals")
        message = {"partner_id": self.partner.partner_id, "device_id": device_id or self.device_id}
        handler({**message, "readings": list(readings)}, None)

    def usage(self, subject: str | None = None) -> dict[str, str]:
        """Totals of a session, or of the asset itself."""
        asset = f"asset%2F{self.partner.partner_id}%2F{self.code.lower()}"
        shown = self.partner.read(f"/partner/v1/usage/{subject or asset}")
        return {each["meter"]: each["amount"] for each in shown["totals"]}


@pytest.fixture
def device(world: World) -> Device:
    return Device(world.partner(), world)


def seconds_on(receipt: dict[str, Any]) -> str:
    return str(receipt["quantities"]["use_seconds"])


def test_a_reading_counts_for_the_session_at_its_time(world: World, device: Device, customer: Customer) -> None:
    session = customer.start(device.code)
    world.later(minutes=10)

    assert device.told(device.reading(240, ago=2), device.reading(signal="moving", ago=5)) == ["accepted", "accepted"]

    assert device.usage(session) == {"use_seconds": "240"}
    assert seconds_on(customer.end(session)) == "240"


def test_buffered_readings_are_exact_in_any_order_and_however_often(
    world: World, device: Device, customer: Customer
) -> None:
    """
    Thirty readings of a ride, shuffled, in overlapping batches, the whole of them twice, over HTTP and through IoT.
    """
    session = customer.start(device.code)
    world.later(minutes=40)
    readings = [device.reading(7, ago=minutes + 1) for minutes in range(30)]
    order = random.Random(3).sample(readings, 30)
    first = device.told(*order[:20])
    device.by_iot(*order[10:])
    again = device.told(*readings)

    assert (first, again) == (["accepted"] * 20, ["duplicate"] * 30)
    assert seconds_on(customer.end(session)) == str(30 * 7)


def test_readings_of_several_rides_in_one_batch_go_each_to_its_own(world: World, device: Device) -> None:
    riders, rides = [world.customer() for _ in range(3)], list[str]()
    for rider in riders:
        rides.append(rider.start(device.code))
        world.later(minutes=20)
        rider.end(rides[-1])
        world.later(minutes=10)
    buffered = [device.reading(60 * number, ago=90 - 30 * number + 25) for number in (3, 1, 2)]

    assert set(device.told(*buffered)) == {"late"}
    world.settle()

    assert [device.usage(ride) for ride in rides] == [{"use_seconds": str(60 * number)} for number in (1, 2, 3)]
    receipts = [
        rider.read(f"/mobile/v1/access-sessions/{ride}/receipt") for rider, ride in zip(riders, rides, strict=True)
    ]
    assert [seconds_on(each) for each in receipts] == ["60", "120", "180"]


def test_what_is_reported_between_rides_is_the_assets_and_bills_nobody(
    world: World, device: Device, customer: Customer
) -> None:
    session = customer.start(device.code)
    world.later(minutes=10)
    customer.end(session)
    world.later(minutes=10)

    assert device.told(device.reading(99, ago=1), device.reading(signal="heartbeat")) == ["accepted", "accepted"]

    assert device.usage() == {"use_seconds": "99"}
    assert seconds_on(customer.read(f"/mobile/v1/access-sessions/{session}/receipt")) == "600"


def test_a_meter_that_the_tariff_lacks_is_counted_for_the_asset(
    world: World, device: Device, customer: Customer
) -> None:
    done(device.partner.put("/partner/v1/meters/odometer", {"kind": "register", "unit": "km"}))
    session = customer.start(device.code)
    world.later(minutes=10)

    told = device.told(
        device.reading(meter="odometer", value="100", ago=5), device.reading(meter="odometer", value="103")
    )

    assert told == ["accepted", "accepted"]
    assert device.usage() == {"odometer": "3"}
    assert device.usage(session) == {}


def test_a_device_that_was_offline_for_a_year_is_heard_by_itself_and_at_the_price_of_then(world: World) -> None:
    """
    300 days later the ride is charged by what was measured, under the tariff that it began with; 401 days are too long.
    """
    device, rider = Device(world.partner(), world), world.customer()
    session = rider.start(device.code)
    world.later(minutes=30)
    before = rider.end(session)
    measured = device.reading(300, ago=10)
    flat = {"id": "unlock", "kind": "flat", "charge_class": "use", "amount": "50.00"}
    dearer = {**CITY_BIKE_TARIFF, "prices": [flat], "caps": []}
    done(device.partner.post("/partner/v1/products/city-bike/tariffs", dearer))
    world.later(days=300)

    told = done(device.send(measured, device.reading(1, ago=401 * 24 * 60)))["events"]
    world.settle()

    assert [each["outcome"] for each in told] == ["late", "refused"]
    assert told[1]["refused"]["code"] == "too_late"
    after = rider.read(f"/mobile/v1/access-sessions/{session}/receipt")
    assert (seconds_on(before), seconds_on(after)) == ("1800", "300")
    assert after["amount"]["amount"] == before["amount"]["amount"] == "0.50"


def test_a_devices_key_is_good_for_its_own_signals_and_for_nothing_else(world: World, device: Device) -> None:
    other = Device(device.partner, world, 2)
    refused(device.send(device.reading(1), to=other.device_id), 403, "key_of_another_device")
    for path in ("keys", "products", "assets", "meters"):
        refused(device.get(f"/partner/v1/{path}"), 403, "key_too_narrow")
    refused(device.post("/partner/v1/keys", {"label": "more"}), 403, "key_too_narrow")
    refused(device.post("/partner/v1/events", [], media_type="application/json", key=None), 403, "key_too_narrow")

    assert device.told(device.reading(1)) == ["accepted"]
    shown = {each["key_id"]: each.get("device_id") for each in device.partner.read("/partner/v1/keys")}
    assert set(shown.values()) == {None, device.device_id, other.device_id}


def test_a_revoked_device_is_refused_at_once_and_its_partners_key_speaks_for_it(device: Device) -> None:
    (key_id,) = (
        each["key_id"] for each in device.partner.read("/partner/v1/keys") if each.get("device_id") is not None
    )
    done(device.partner.delete(f"/partner/v1/keys/{key_id}"))

    refused(device.send(device.reading(1)), 401, "unauthenticated")
    body = {"readings": [device.reading(1)]}
    assert done(device.partner.post(READINGS.format(device.device_id), body, key=None))["events"][0]["outcome"]


def test_a_device_of_another_partner_is_unknown(world: World, device: Device, customer: Customer) -> None:
    """
    Also where the other partner names a device of its own in the same way: it reports for its own asset.
    """
    session = customer.start(device.code)
    world.later(minutes=5)
    stranger = world.partner()
    body = {"readings": [device.reading(100, ago=1)]}
    refused(stranger.post(READINGS.format(device.device_id), body, key=None), 404, "unknown_device")

    done(stranger.put("/partner/v1/assets/theirs", {"product_id": "city-bike", "code": stranger.bike() + "X"}))
    own = {"product_id": "city-bike", "code": "THEIRS-001", "device_id": device.device_id}
    done(stranger.put("/partner/v1/assets/other", own))
    done(stranger.post(READINGS.format(device.device_id), body, key=None))

    assert device.usage(session) == {}


def test_on_what_several_use_at_once_a_reading_is_nobodys_in_particular(world: World, customer: Customer) -> None:
    device = Device(world.partner(), world, capacity=3)
    session = customer.start(device.code)
    world.later(minutes=5)

    assert device.told(device.reading(30, ago=1)) == ["accepted"]

    assert (device.usage(), device.usage(session)) == ({"use_seconds": "30"}, {})


def test_a_bad_reading_stops_no_other(world: World, device: Device, customer: Customer) -> None:
    customer.start(device.code)
    world.later(minutes=5)
    bad: list[object] = [
        device.reading(-1),
        device.reading("NaN"),
        device.reading(signal="gone"),
        device.reading(),
        {**device.reading(5), "subject": "ses_x"},
        device.reading(5, ago=-6),
        7,
        {"id": "x"},
        device.reading(4000, ago=1),
    ]

    told = done(device.send(*bad, device.reading(5, ago=1)))["events"]

    assert [each["outcome"] for each in told] == ["refused"] * 9 + ["accepted"]
    pointers = [each["refused"].get("pointer") for each in told[:9]]
    assert pointers[:4] == ["/value", "/value", "/signal", ""]
    assert pointers[5:] == ["/time", "", "", "/value"]


def test_ten_thousand_readings_in_one_call_are_refused_whole(world: World, device: Device, customer: Customer) -> None:
    session = customer.start(device.code)
    world.later(minutes=5)
    many = [{"id": str(number), "time": device.reading()["time"], "signal": "idle"} for number in range(10_000)]

    refused(device.send(*many), 422, "body_invalid", "/readings")
    refused(device.send(), 422, "body_invalid", "/readings")

    assert device.usage(session) == {}


def test_through_iot_what_cannot_be_done_fails_so_that_it_is_kept(device: Device) -> None:
    with pytest.raises(Exception, match="UnknownDevice"):
        device.by_iot(device.reading(1), device_id="nobody")
    with pytest.raises(Exception, match="BodyInvalid"):
        device.by_iot()


def test_through_iot_what_is_contended_under_a_hard_limit_fails_and_counts_when_it_comes_again(
    world: World, device: Device, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = customer.start(device.code)
    world.later(minutes=5)
    done(device.partner.put(f"/partner/v1/usage/{session}/limits/use_seconds", {"most": "600"}))
    reading = device.reading(60, ago=1)
    function = world.system.doors["partner"].functions["signals"]
    with monkeypatch.context() as patched:
        patched.setattr(function.module.wired.heads, "put", lambda settled: [False] * len(settled))
        with pytest.raises(SubjectBusy):
            device.by_iot(reading)
    device.by_iot(reading)

    assert device.usage(session) == {"use_seconds": "60"}
