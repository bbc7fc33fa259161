"""What the evidence of a session shows, instant by instant, in whatever order it came.

Each act and each event that the policy names is a word about the thing, and holds from its time on until another word.
Words count in the order of time; of those of one instant the one that is the least dear for the customer is heard last
and so prevails. Whatever has the same source and id is one word. The rules stand in docs/decisions/0050.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from itertools import groupby, pairwise

from chalicelib.access.acts import Act, ActKind
from chalicelib.access.model import NeedPolicy
from chalicelib.kernel.time import Interval
from chalicelib.metering.model import FAULT, Event


class Condition(StrEnum):
    """What a thing in custody is: used, unused, given back, or out of order."""

    USED = "used"
    UNUSED = "unused"
    RETURNED = "returned"
    FAULTY = "faulty"


class _Effect(IntEnum):
    """What a word does; at the same instant in this order. A fault goes before a return: the first of them prevails."""

    RESUME = 0
    USE = 1
    REST = 2
    FAULT = 3
    RETURN = 4
    TRANSFER = 5
    PAUSE = 6


_OVER = {_Effect.RETURN: Condition.RETURNED, _Effect.FAULT: Condition.FAULTY}
_OF_ACTS = {ActKind.PAUSE: _Effect.PAUSE, ActKind.RESUME: _Effect.RESUME, ActKind.TRANSFER: _Effect.TRANSFER}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of a session: what people did, and what the thing or its partner reported."""

    acts: Sequence[Act] = ()
    events: Sequence[Event] = ()

    @property
    def once(self) -> "Evidence":
        """Each act and event once and in order of time; of what came under one id the earliest."""
        acts = sorted(self.acts, key=lambda each: (each.at, each.act_id, each.kind, each.by))
        events = sorted(self.events, key=_stamp)
        return Evidence(
            tuple({each.act_id: each for each in reversed(acts)}.values())[::-1],
            tuple({each.key: each for each in reversed(events)}.values())[::-1],
        )

    @property
    def ids(self) -> list[tuple[datetime, str]]:
        """When and under which id each came, in order of time."""
        found = [(each.at, "", each.act_id) for each in self.acts]
        found += [(each.time, each.source, each.event_id) for each in self.events]
        return [(at, own_id) for at, _, own_id in sorted(found)]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in one condition, with the id of the word that brought it, and what came in it."""

    condition: Condition
    interval: Interval
    by: str = ""
    ids: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Word:
    at: datetime
    effect: _Effect
    word_id: str


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the words so far amount to. `used_until` is how long the last sign of use holds, if one does.

    `over` is that it was given back or out of order, whichever came first.
    """

    used_until: datetime | None = None
    paused: bool = False
    over: Condition | None = None
    by: str = ""

    @property
    def condition(self) -> Condition:
        """Over, if it is; else used or not."""
        return self.over or (Condition.UNUSED if self.used_until is None else Condition.USED)


class _Found:
    """The stretches up to the one that goes on."""

    def __init__(self, start: datetime, condition: Condition, by: str) -> None:
        self._closed: list[Stretch] = []
        self._since, self._condition, self._by = start, condition, by

    def turn(self, condition: Condition, at: datetime, by: str) -> None:
        """From then on it is in the condition, if it was not before."""
        if condition is not self._condition:
            if at > self._since:
                self._closed.append(Stretch(self._condition, Interval(self._since, at), self._by))
            self._since, self._condition, self._by = at, condition, by

    def all_until(self, end: datetime) -> list[Stretch]:
        """All of them."""
        return [*self._closed, Stretch(self._condition, Interval(self._since, end), self._by)]


@dataclass(frozen=True, slots=True)
class _Hearing:
    """How words change what stands, by a policy and within a custody."""

    policy: NeedPolicy
    custody: Interval

    @property
    def first(self) -> _Standing:
        """As it was handed out: in use only where nothing else is to show use."""
        return _Standing() if self.policy.use_signals else _Standing(used_until=self.custody.end)

    def after(self, standing: _Standing, word: _Word) -> _Standing:
        """What stands after the word. Of what is over, nothing is heard but the hand-out of another thing."""
        paused = word.effect is _Effect.PAUSE or (standing.paused and word.effect is not _Effect.RESUME)
        if word.effect is _Effect.TRANSFER:
            return _Standing(paused=True, by=word.word_id) if paused else replace(self.first, by=word.word_id)
        if standing.over is not None:
            return replace(standing, paused=paused)
        match word.effect:
            case _Effect.USE:
                return standing if paused else self._used(word)
            case _Effect.RESUME if standing.paused and not self.policy.use_signals:
                return replace(self.first, by=word.word_id)
            case _Effect.RESUME:
                return replace(standing, paused=False)
        return _Standing(paused=paused, over=_OVER.get(word.effect), by=word.word_id)

    def _used(self, word: _Word) -> _Standing:
        """A sign of use holds for as long as silence may last."""
        left = self.custody.end - word.at
        silence = self.policy.silence
        holds = left if silence is None else min(silence, left)
        return _Standing(used_until=word.at + holds, by=word.word_id)


def stretches_of(evidence: Evidence, policy: NeedPolicy, custody: Interval) -> list[Stretch]:
    """The whole custody, without gap or overlap, in what the evidence shows.

    What came before or after the custody shows nothing, and is listed with its first or last stretch.
    """
    once = evidence.once
    return _with_ids(_heard(_words(once, policy, custody), _Hearing(policy, custody)), once.ids)


def over_since(evidence: Evidence, policy: NeedPolicy, custody: Interval) -> datetime | None:
    """When the thing was given back or out of order, if the custody ends so: no need is shown from then on."""
    last = stretches_of(evidence, policy, custody)[-1]
    return last.interval.start if last.condition in _OVER.values() else None


def time_used(stretches: Iterable[Stretch]) -> timedelta:
    """How long the thing was in use."""
    used = (each.interval.length for each in stretches if each.condition is Condition.USED)
    return sum(used, timedelta(0))


def _stamp(event: Event) -> tuple[object, ...]:
    return event.time, event.source, event.event_id, event.name, event.value is None, event.value or 0


def _words(evidence: Evidence, policy: NeedPolicy, custody: Interval) -> list[_Word]:
    """In the order in which they are heard; those of the same effect and instant stay in order of source and id."""
    words = [_Word(each.at, _OF_ACTS[each.kind], each.act_id) for each in evidence.acts if each.kind in _OF_ACTS]
    for event in evidence.events:
        effect = _effect(event, policy)
        if effect is not None:
            words.append(_Word(event.time, effect, event.event_id))
    inside = (word for word in words if custody.holds(word.at))
    return sorted(inside, key=lambda word: (word.at, word.effect))


def _effect(event: Event, policy: NeedPolicy) -> _Effect | None:
    """What the event says of use. A meter's event says it only if it counts something; no use counted is a rest.

    A heartbeat says that the thing is alive, not that it is used. Without signs of use nothing could end a rest again,
    so rest is only heard where there are some.
    """
    counts = event.value is None or event.value > 0
    if event.name == FAULT and event.is_signal:
        return _Effect.FAULT
    if event.name in policy.use_signals:
        return _Effect.USE if counts else _Effect.REST
    if event.name in policy.return_signals and counts:
        return _Effect.RETURN
    return _Effect.REST if event.name in policy.rest_signals and counts and policy.use_signals else None


def _heard(words: Sequence[_Word], hearing: _Hearing) -> list[Stretch]:
    """Listen from the hand-out to the end."""
    standing, end = hearing.first, hearing.custody.end
    found = _Found(hearing.custody.start, standing.condition, standing.by)
    for instant, said in groupby(words, key=lambda word: word.at):
        standing = _until(standing, instant, found)
        for word in said:
            standing = hearing.after(standing, word)
        found.turn(standing.condition, instant, standing.by)
    _until(standing, end, found)
    return found.all_until(end)


def _until(standing: _Standing, instant: datetime, found: "_Found") -> _Standing:
    """What stands just before the instant: a sign of use may have ceased to hold."""
    if standing.used_until is None or standing.used_until >= instant:
        return standing
    found.turn(Condition.UNUSED, standing.used_until, standing.by)
    return replace(standing, used_until=None)


def _with_ids(found: Sequence[Stretch], ids: Sequence[tuple[datetime, str]]) -> list[Stretch]:
    """Each id with the stretch in which it came."""
    times = [at for at, _ in ids]
    cuts = [0, *(bisect_left(times, each.interval.start) for each in found[1:]), len(ids)]
    return [
        replace(each, ids=tuple(ids[first:last])) for each, (first, last) in zip(found, pairwise(cuts), strict=True)
    ]
