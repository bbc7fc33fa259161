"""May this customer use this now: decided from one item and the time; streams are counted, never too many at once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.entitlement import (
    LEASE,
    MOST_STREAMS,
    Decision,
    Entitlement,
    Reason,
    decide,
    until_of,
    with_stream,
    without_stream,
)
from chalicelib.access.entitling import (
    FAILING_OPEN,
    GRANTED,
    Asked,
    Asking,
    Grant,
    ask,
    close_stream,
    grant,
    open_stream,
)
from chalicelib.access.errors import DeviceElsewhere, NotEntitled, StreamsChanged
from chalicelib.access.model import AccessSession, Entitled, State
from chalicelib.access.stops import Stop
from chalicelib.catalogue.model import Asset
from tests.unit.memory import Commits, InMemory, write

NOON = datetime(2021, 5, 10, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NAME = "ent_somebody"
OPEN = Entitlement("par-1", "bike-7", "ses-1", State.ACTIVE, None, Entitled(NAME, "lock-7", streams=2))


def reason_of(entitlement: Entitlement | None, asset_id: str = "bike-7", at: datetime = NOON) -> Reason:
    return decide(entitlement, asset_id, at).reason


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.ACTIVE, Reason.ENTITLED),
        (State.PAUSED, Reason.PAUSED),
        (State.RESERVED, Reason.RESERVED),
        (State.ENDED, Reason.ENDED),
        (State.EXPIRED, Reason.ENDED),
        (State.CANCELLED, Reason.ENDED),
    ],
)
def test_only_a_session_in_use_allows_and_each_other_state_says_why_not(state: State, reason: Reason) -> None:
    decision = decide(replace(OPEN, state=state), "bike-7", NOON)

    assert (decision.reason, decision.allow) == (reason, state is State.ACTIVE)


def test_every_state_has_an_answer() -> None:
    assert {reason_of(replace(OPEN, state=state)) for state in State} <= set(Reason)


def test_who_is_not_known_has_no_session_and_nothing_is_told_of_any() -> None:
    assert decide(None, "bike-7", NOON) == Decision(Reason.NO_SESSION)


def test_another_asset_is_denied_and_nothing_is_told_of_the_session() -> None:
    assert decide(OPEN, "bike-8", NOON) == Decision(Reason.OTHER_ASSET)


@pytest.mark.parametrize("state", [State.ACTIVE, State.PAUSED, State.RESERVED])
def test_a_stop_that_is_due_holds_to_the_instant_before_any_timer_fires(state: State) -> None:
    stopping = replace(OPEN, state=state, until=NOON)

    assert reason_of(stopping, at=NOON) is Reason.ENDED
    assert reason_of(stopping, at=NOON - timedelta(microseconds=1)) is not Reason.ENDED


def test_a_session_says_until_when_by_its_stop_and_a_reservation_by_its_expiry() -> None:
    session = AccessSession("ses-1", "acc-1", "cus-1", "par-1", "bike", "bike-7", 1, "quo-1", NOON, {})
    stopping = replace(session, stop=Stop(NOON + SECOND), reserved_until=NOON)

    assert (until_of(session), until_of(stopping)) == (None, NOON + SECOND)
    assert until_of(replace(stopping, state=State.RESERVED)) == NOON


Step = tuple[str, int, int]
STEPS = st.lists(st.tuples(st.sampled_from(["open", "close"]), st.integers(0, 5), st.integers(0, 60)), max_size=60)


@given(STEPS, st.one_of(st.none(), st.integers(1, 4)))
def test_never_more_streams_are_live_than_are_allowed_and_a_live_one_is_always_kept(
    steps: list[Step], most: int | None
) -> None:
    """
    Against a plain model: a stream lives until it is closed or its lease runs out, and opens only where there is room.
    """
    found, at, live = replace(OPEN, entitled=replace(OPEN.entitled, streams=most)), NOON, dict[str, datetime]()
    for act, number, pause in steps:
        at, name = at + pause * SECOND, f"tv-{number}"
        live = {each: until for each, until in live.items() if at < until}
        if act == "close":
            found = without_stream(found, name, at)
            live.pop(name, None)
        else:
            opened = with_stream(found, name, at)
            room = name in live or most is None or len(live) < most
            assert (opened is not None) == room
            if opened is not None:
                found, live[name] = opened, at + LEASE
        assert found.live(at) == live
        assert decide(found, "bike-7", at).streams_in_use == len(live) <= (most or MOST_STREAMS)


def test_a_session_without_a_limit_counts_as_many_streams_as_its_item_holds() -> None:
    found = replace(OPEN, entitled=Entitled(NAME))
    for number in range(MOST_STREAMS):
        opened = with_stream(found, f"tv-{number}", NOON)
        assert opened is not None
        found = opened

    assert with_stream(found, "one-more", NOON) is None
    assert with_stream(found, "one-more", NOON + LEASE) is not None


class Kept:
    """Entitlements in memory; `overtaken` is what others do before each of the first writes."""

    def __init__(self, *found: Entitlement, overtaken: int = 0) -> None:
        self.items: dict[tuple[str, str], Entitlement] = {(each.partner_id, each.entitled.name): each for each in found}
        self.overtaken, self.reads = overtaken, 0

    def find(self, partner_id: str, name: str) -> Entitlement | None:
        self.reads += 1
        return self.items.get((partner_id, name))

    def counting(self, entitlement: Entitlement) -> list[InMemory]:
        key = (entitlement.partner_id, entitlement.entitled.name)
        if self.overtaken:
            self.overtaken -= 1
            there = self.items[key]
            self.items[key] = replace(there, streams={**there.streams, "other": NOON + LEASE}, turn=there.turn + 1)

        def unchanged() -> bool:
            return self.items[key].turn == entitlement.turn - 1

        return [write(StreamsChanged(), lambda: self.items.update({key: entitlement}), holds=unchanged)]


class Devices:
    """Which asset each device is on by now."""

    def __init__(self, on: Mapping[str, str]) -> None:
        self.on, self.reads = on, 0

    def asset_by_device(self, partner_id: str, device_id: str) -> Asset | None:
        self.reads += 1
        asset_id = self.on.get(device_id)
        return Asset(partner_id, asset_id, "bike", "BIKE-0007", device_id=device_id) if asset_id else None


def asking(kept: Kept, devices: Devices | None = None) -> Asking:
    return Asking(kept, devices or Devices({}), NOON, Commits())  # type: ignore[arg-type]


def asked(asset_id: str = "bike-7", name: str = NAME, device_id: str | None = None, by: str = "par-1") -> Asked:
    return Asked(by, asset_id, name, device_id)


def test_an_answer_reads_one_item_once() -> None:
    kept, devices = Kept(OPEN), Devices({})

    assert ask(asked(), asking=asking(kept, devices)).allow
    assert ask(asked(device_id="lock-7"), asking=asking(kept, devices)).allow
    assert (kept.reads, devices.reads) == (2, 0)


def test_another_partner_finds_nobody_by_that_name() -> None:
    assert ask(asked(by="par-2"), asking=asking(Kept(OPEN))).reason is Reason.NO_SESSION


def test_a_device_asks_about_its_own_asset_only_and_about_the_one_that_it_was_put_on_since() -> None:
    kept, devices = Kept(OPEN), Devices({"lock-8": "bike-8", "new-lock": "bike-7"})

    assert ask(asked(device_id="new-lock"), asking=asking(kept, devices)).allow
    assert ask(asked("bike-8", device_id="lock-8"), asking=asking(kept, devices)).reason is Reason.OTHER_ASSET
    for device, asset in (("lock-8", "bike-7"), ("lock-7", "bike-8"), ("unknown", "bike-7")):
        with pytest.raises(DeviceElsewhere):
            ask(asked(asset, device_id=device), asking=asking(kept, devices))


def granted(until: datetime | None = None, *, offline: bool) -> Grant:
    found = replace(OPEN, until=until, entitled=replace(OPEN.entitled, offline=offline))
    return grant(asked(), asking=asking(Kept(found)))


@pytest.mark.parametrize("offline", [True, False])
def test_a_grant_is_good_for_minutes_and_where_the_product_allows_for_a_day_without_a_network(*, offline: bool) -> None:
    given_ = granted(offline=offline)

    assert given_.expires_at == NOON + GRANTED
    assert given_.offline_until == NOON + (FAILING_OPEN if offline else GRANTED)


@pytest.mark.parametrize("offline", [True, False])
def test_no_grant_outlasts_the_stop_of_its_session(*, offline: bool) -> None:
    given_ = granted(NOON + SECOND, offline=offline)

    assert given_.expires_at == given_.offline_until == NOON + SECOND


@pytest.mark.parametrize("state", [state for state in State if state is not State.ACTIVE])
def test_nothing_is_granted_to_who_would_be_denied(state: State) -> None:
    with pytest.raises(NotEntitled):
        grant(asked(), asking=asking(Kept(replace(OPEN, state=state))))


def test_a_stream_that_somebody_else_took_meanwhile_is_counted_and_the_limit_stays() -> None:
    kept = Kept(OPEN, overtaken=1)
    assert open_stream(asked(), "tv", asking=asking(kept)).streams_in_use == 2
    full = Kept(replace(OPEN, entitled=replace(OPEN.entitled, streams=1)), overtaken=1)

    denied = open_stream(asked(), "tv", asking=asking(full))

    assert (denied.reason, denied.streams_in_use) == (Reason.STREAMS_IN_USE, 1)
    assert set(full.items["par-1", NAME].streams) == {"other"}


def test_who_is_always_overtaken_is_told_to_try_again() -> None:
    with pytest.raises(StreamsChanged):
        open_stream(asked(), "tv", asking=asking(Kept(replace(OPEN, entitled=Entitled(NAME)), overtaken=99)))


def test_no_stream_opens_where_the_customer_would_be_denied_and_what_is_open_can_always_be_closed() -> None:
    kept = Kept(OPEN)
    open_stream(asked(), "tv", asking=asking(kept))
    kept.items["par-1", NAME] = replace(kept.items["par-1", NAME], state=State.PAUSED)

    assert open_stream(asked(), "radio", asking=asking(kept)).reason is Reason.PAUSED
    assert close_stream(asked(), "tv", asking=asking(kept)).streams_in_use == 0
    assert close_stream(asked(), "tv", asking=asking(kept)).streams_in_use == 0
