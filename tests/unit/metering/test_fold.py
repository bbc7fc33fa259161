"""A head counts each event once, however often and in whatever portions the events come."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Refusal
from chalicelib.metering import fold as folding
from chalicelib.metering.errors import BadEvent, Implausible, SubjectFull
from chalicelib.metering.fold import NODE, PAGE, fold, settled
from chalicelib.metering.head import Head, unpack_head
from chalicelib.metering.meters import Kind, Meter
from chalicelib.metering.model import Event, Outcome
from chalicelib.metering.page_refs import PageRef, unpack_refs
from tests.unit.metering.rides import MAY, event

EMPTY = Head("ride-1", MAY)
readings = st.decimals(min_value=0, max_value=10**9, places=12, allow_nan=False)
payloads = st.one_of(
    st.tuples(st.sampled_from(["moving", "idle"]), st.none()),
    st.tuples(st.sampled_from(["use_seconds", "metres"]), readings),
)


@st.composite
def distinct_events(draw: st.DrawFn) -> list[Event]:
    given_payloads = draw(st.lists(payloads, min_size=1, max_size=12))
    return [event(number, number, value, name) for number, (name, value) in enumerate(given_payloads)]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """The events, and batches in which each comes at least once, some again, in any order."""
    events = draw(distinct_events())
    again = draw(st.lists(st.sampled_from(events), max_size=12))
    order = draw(st.permutations([*events, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=5)))
    return events, [order[first:last] for first, last in zip([0, *cuts], [*cuts, len(order)], strict=True)]


@given(deliveries())
def test_any_portions_repetitions_and_order_give_the_same_totals(given_: tuple[list[Event], list[list[Event]]]) -> None:
    events, batches = given_
    at_once, _ = fold(EMPTY, events)
    head, outcomes = EMPTY, Counter[Outcome]()
    for batch in batches:
        head, answers = fold(head, batch)
        outcomes.update(answer.outcome for answer in answers)

    assert head.totals == at_once.totals
    assert set(head.tail.keys()) == {each.key for each in events}
    assert outcomes[Outcome.ACCEPTED] == len(events)
    assert outcomes[Outcome.DUPLICATE] == sum(map(len, batches)) - len(events)


@given(deliveries())
def test_totals_are_what_the_kept_events_say(given_: tuple[list[Event], list[list[Event]]]) -> None:
    head = EMPTY
    for batch in given_[1]:
        head, _ = fold(head, batch)
        said: dict[str, Decimal] = {}
        for each in head.tail.events("ride-1"):
            if each.value is not None:
                said[each.name] = said.get(each.name, Decimal(0)) + each.value
        assert sums(head) == said


@given(distinct_events())
def test_a_batch_sent_again_is_answered_in_its_order_and_changes_nothing(events: list[Event]) -> None:
    head, _ = fold(EMPTY, events)
    again, answers = fold(head, events)

    assert again is head
    assert [(answer.event, answer.outcome) for answer in answers] == [(each, Outcome.DUPLICATE) for each in events]


@pytest.mark.parametrize(
    "other",
    [
        event(1, 10, 241, "use_seconds"),
        event(1, 11, 242, "use_seconds"),
        event(1, 10, 242, "metres"),
        event(1, 10, None, "use_seconds"),
        event(1, 10, 242, "use_seconds", place="station-2"),
    ],
)
def test_the_same_id_with_another_payload_is_a_conflict_and_the_first_one_stays(other: Event) -> None:
    first = event(1, 10, 242, "use_seconds", place="station-1")
    head, _ = fold(EMPTY, [first])
    after, (answer,) = fold(head, [other])

    assert answer.outcome is Outcome.CONFLICT
    assert after is head
    assert sums(fold(EMPTY, [first, other])[0]) == {"use_seconds": 242}


def test_a_value_written_otherwise_is_the_same_value() -> None:
    head, _ = fold(EMPTY, [event(1, 10, "242", "use_seconds")])

    assert fold(head, [event(1, 10, "242.000", "use_seconds")])[1][0].outcome is Outcome.DUPLICATE


def test_two_senders_may_use_the_same_id() -> None:
    head, answers = fold(EMPTY, [event(1, value=100, name="metres"), event(1, value=50, name="metres", source="dock")])

    assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED] * 2
    assert sums(head) == {"metres": 150}


def test_each_change_raises_the_version_by_one_whatever_its_size() -> None:
    head, _ = fold(EMPTY, [event(1), event(2)])
    assert head.version == 1
    head, _ = fold(head, [event(2), event(3)])
    assert head.version == 2


def sums(head: Head) -> dict[str, Decimal]:
    return {name: total.value for (name, _), total in head.totals.items()}


def refusal_of(head: Head, last: Event, **most: int) -> Refusal | None:
    return fold(head, [last], {name: Decimal(bound) for name, bound in most.items()})[1][0].refusal


def test_a_subject_that_is_full_refuses_new_events_and_still_knows_the_old_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folding, "MOST_EVENTS", 30)
    head, _ = fold(EMPTY, [event(number) for number in range(30)])
    after, (new, old) = fold(head, [event(30), event(7)])

    assert isinstance(new.refusal, SubjectFull)
    assert old.outcome is Outcome.DUPLICATE
    assert after is head


def test_many_plausible_reports_do_not_add_up_to_more_than_there_can_have_been() -> None:
    """
    Ten reports of 30 minutes each on a session of an hour: two of them count.
    """
    head, answers = fold(
        EMPTY, [event(number, 60, 1800, "use_seconds") for number in range(10)], {"use_seconds": Decimal(3900)}
    )

    assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED] * 2 + [Outcome.REFUSED] * 8
    assert sums(head) == {"use_seconds": 3600}
    assert isinstance(refusal_of(head, event(11, 60, 301, "use_seconds"), use_seconds=3900), Implausible)
    assert refusal_of(head, event(11, 60, 300, "use_seconds"), use_seconds=3900) is None


def test_no_total_grows_to_where_sums_are_not_exact_any_more() -> None:
    """
    Two reports of 999,999,999,999,999 metres would be a quantity that nobody can rate: the session could never end.
    """
    assert isinstance(refusal_of(EMPTY, event(1, value="999999999999999", name="metres")), Implausible)


@pytest.mark.parametrize(
    ("field", "value"),
    [("source", ""), ("source", "x" * 257), ("subject", ""), ("place", "x" * 257), ("subject", "x" * 257)],
)
def test_an_event_names_what_it_is_about_in_bounded_words(field: str, value: str) -> None:
    with pytest.raises(BadEvent) as refused:
        event(1, **{field: value})

    assert refused.value.facts["pointer"] == {"place": "/data/place"}.get(field, f"/{field}")


def test_a_negative_value_is_refused() -> None:
    with pytest.raises(BadEvent):
        event(1, value=-1, name="metres")


@pytest.mark.parametrize("lanes", [3, 10, 40, 120, -120], ids=["few", "some", "many", "very many", "random"])
def test_events_that_come_alone_wait_on_the_head_until_they_are_worth_a_page(lanes: int) -> None:
    """
    However many dimensions totals are told apart by, and whether their names compress or not.
    """
    ids = Random(lanes)
    names = [str(UUID(int=ids.getrandbits(128))) if lanes < 0 else f"lane {number}" for number in range(abs(lanes))]
    head = Head("ride-1", MAY, meters={"power": Meter("power", Kind.SUM, "kwh", billable=("lane",))})
    pages, nodes = 0, dict[bytes, Sequence[PageRef]]()
    for number in range(400):
        one = event(number, number, 1, "power", d_lane=names[number % len(names)])
        head, _ = fold(head, [one.but(event_id=str(UUID(int=ids.getrandbits(128))))])
        done = settled(head, nodes)
        pages += sum(each.kind == PAGE for each in done.blocks)
        nodes |= {each.digest: unpack_refs(each.body) for each in done.blocks if each.kind == NODE}
        head = unpack_head("ride-1", MAY, done.head.version, done.state)
        nodes = {each.digest: nodes[each.digest] for each in head.nodes}

    assert pages <= 400 // 16
    assert head.count == 400
    assert head.total("power") == 400
