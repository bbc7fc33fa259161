"""A batch of events is read event by event: what is not valid refuses itself, with the field at fault."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edge.cloudevents import BATCH, MOST_BYTES, MOST_EVENTS, SINGLE, read_events, show_answers
from chalicelib.edge.refusals import BodyInvalid, BodyTooLarge, UnsupportedMediaType, refused_item
from chalicelib.kernel.errors import Refusal
from chalicelib.metering.errors import BadEvent
from chalicelib.metering.model import Answer, Event, Outcome
from chalicelib.metering.reference import read_reference

USAGE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "event-1",
    "source": "bikes/7",
    "type": "adgang.usage.v1",
    "subject": "ses-1",
    "time": "2021-05-31T23:42:00+03:00",
    "data": {"meter": "use_seconds", "value": "242"},
}
SIGNAL = {**USAGE, "id": "event-2", "type": "adgang.signal.v1", "data": {"signal": "docked", "place": "station-1"}}
AT = datetime(2021, 5, 31, 20, 42, tzinfo=UTC)


def rows(*events: object, media_type: str = BATCH) -> list[tuple[str, Event | Refusal]]:
    return read_events(json.dumps(list(events)).encode(), {"content-type": media_type})


def refused(change: dict[str, Any]) -> tuple[str, str | None]:
    """Code and pointer of the refusal of a usage event with the change."""
    ((_, refusal),) = rows({**USAGE, **change})
    assert isinstance(refusal, Refusal)
    item = refused_item(refusal)
    return item.code, item.pointer


def test_a_usage_event_and_a_signal_are_read() -> None:
    assert rows(USAGE, SIGNAL) == [
        ("event-1", Event("bikes/7", "event-1", "ses-1", AT, "use_seconds", Decimal(242))),
        ("event-2", Event("bikes/7", "event-2", "ses-1", AT, "docked", None, "station-1")),
    ]


def test_a_single_event_is_read_as_a_batch_of_one() -> None:
    single = read_events(json.dumps(USAGE).encode(), {"content-type": f"{SINGLE}; charset=utf-8"})

    assert single == rows(USAGE)


def test_extension_attributes_are_let_pass() -> None:
    assert rows({**USAGE, "traceparent": "00-1", "datacontenttype": "application/json"}) == rows(USAGE)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"time": "yesterday"}, "/time"),
        ({"time": None}, "/time"),
        ({"specversion": "0.3"}, "/specversion"),
        ({"type": "com.example"}, "/type"),
        ({"id": ""}, "/id"),
        ({"source": "x" * 257}, "/source"),
        ({"subject": 7}, "/subject"),
        ({"data": {"meter": "use_seconds", "value": "-1"}}, "/data/value"),
        ({"data": {"meter": "use_seconds", "value": "1e99"}}, "/data/value"),
        ({"data": {"meter": "use_seconds", "value": "NaN"}}, "/data/value"),
        ({"data": {"meter": "use_seconds", "value": "1e-9999999"}}, "/data/value"),
        ({"data": {"meter": "use_seconds", "value": 242.5}}, "/data/value"),
        ({"data": {"meter": "use_seconds", "value": True}}, "/data/value"),
        ({"data": {"meter": "use_seconds"}}, "/data"),
        ({"data": {"signal": "docked"}}, "/data"),
        ({"data": {"meter": "a", "value": 1, "signal": "docked"}}, "/data"),
        ({"data": {"meter": "a", "value": 1, "extra": 1}}, "/data/extra"),
        ({"data": {"meter": "a", "value": 1, "place": "x" * 257}}, "/data/place"),
        ({"type": "adgang.signal.v1", "data": {"signal": "explodes"}}, "/data/signal"),
        ({"type": "adgang.signal.v1", "data": {"signal": "docked", "value": 1}}, "/data"),
    ],
)
def test_a_bad_event_is_refused_with_the_field_at_fault(change: dict[str, Any], pointer: str) -> None:
    assert refused(change)[1] == pointer


@pytest.mark.parametrize("missing", ["id", "source", "type", "subject", "time", "data", "specversion"])
def test_an_event_without_a_required_attribute_is_refused(missing: str) -> None:
    ((event_id, refusal),) = rows({name: value for name, value in USAGE.items() if name != missing})

    assert isinstance(refusal, BodyInvalid)
    assert event_id == ("" if missing == "id" else "event-1")


def test_a_bad_event_in_the_middle_stops_no_other() -> None:
    found = rows(USAGE, "not an event", {**USAGE, "id": "event-3", "time": "never"}, SIGNAL)

    assert [event_id for event_id, _ in found] == ["event-1", "", "event-3", "event-2"]
    assert [isinstance(each, Event) for _, each in found] == [True, False, False, True]


@pytest.mark.parametrize("count", [0, MOST_EVENTS + 1])
def test_a_batch_has_one_to_a_thousand_events(count: int) -> None:
    with pytest.raises(BodyInvalid):
        rows(*[{}] * count)


def test_a_batch_is_not_larger_than_the_door_takes() -> None:
    with pytest.raises(BodyTooLarge):
        read_events(b"[" + b" " * MOST_BYTES + b"]", {"content-type": BATCH})


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", ""])
def test_another_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        rows(USAGE, media_type=media_type)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(st.sampled_from(sorted(USAGE)), json_values)
def test_whatever_stands_in_a_field_is_read_or_refused(name: str, value: object) -> None:
    ((_, found),) = rows({**USAGE, name: value})

    assert isinstance(found, Event | Refusal)


@given(st.binary(max_size=60), st.sampled_from([SINGLE, BATCH]))
def test_whatever_bytes_come_are_read_or_refused(raw: bytes, media_type: str) -> None:
    try:
        found = read_events(raw, {"content-type": media_type})
    except Refusal:
        return
    assert all(isinstance(each, Event | Refusal) for _, each in found)


@pytest.mark.parametrize("raw", [b'[{"id":"\\ud800"}]', b"[" * 5_000, b'[{"id":"' + b"9" * 5_000 + b'"}]'])
def test_text_that_is_no_text_and_endless_nesting_are_refused(raw: bytes) -> None:
    try:
        found = read_events(raw, {"content-type": BATCH})
    except Refusal:
        return
    assert all(isinstance(each, Refusal) for _, each in found)


def test_each_answer_says_what_became_of_its_event_and_where_it_is_found_again() -> None:
    ((_, usage), (_, signal)) = rows(USAGE, SIGNAL)
    assert isinstance(usage, Event)
    assert isinstance(signal, Event)
    refusal = BadEvent(pointer="/data/meter")
    shown = show_answers(
        [
            ("event-1", Answer(usage, Outcome.ACCEPTED)),
            ("event-2", Answer(signal, Outcome.REFUSED, refusal)),
            ("event-3", refusal),
        ]
    ).events

    assert [(each.id, each.outcome) for each in shown] == [
        ("event-1", "accepted"),
        ("event-2", "refused"),
        ("event-3", "refused"),
    ]
    assert read_reference(shown[0].reference or "")[:3] == ("bikes/7", "event-1", "ses-1")
    assert shown[1].reference is None
    assert shown[2].refused == refused_item(refusal)
