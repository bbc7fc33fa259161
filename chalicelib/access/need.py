"""From evidence to need: what was used, for how long a thing was merely kept, and what was counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from chalicelib.access.evidence import Evidence, Stretch, over_since, stretches_of, time_used
from chalicelib.access.faults import faults_at_end, faults_at_moves
from chalicelib.access.intervals import intervals_of
from chalicelib.access.listing import FEW_LISTED, all_listed, listed
from chalicelib.access.model import NEVER_STARTED, AccessSession, CreditTerms, Need, NeedPolicy, NeedState
from chalicelib.access.ordering import evidence_of, need_of_orders
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.kernel.ids import digest
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import SECONDS_IN, Interval, format_instant
from chalicelib.metering.model import AHEAD, Event
from chalicelib.metering.usage import Usage, total_of
from chalicelib.rating import START

_FINEST = Decimal("0.000001")
HAND_OUT = "unlocked"


def need_of(session: AccessSession, usages: Sequence[Usage], as_of: datetime) -> Need:
    """What the evidence shows until `as_of`, by the session's own policy and in whatever order it came.

    Where the product names signs of use, in use is what they show. Where it names none, hand-out and return show it,
    and the thing's own measure of time, once there is one, says how much of that it was. A quantity of time that no
    meter measured is the time in use.

    It ends with the session, or before: when the thing was given back or out of order, whatever was said or done after
    that and whenever it is told. So it is the same in any order of arrival.

    The bill is never above the running cost at the same instant: an open session is in use for as long as a sign of use
    holds, even if no more came, and what was measured so far bounds nothing yet. Evidence that comes later may show
    less, or more: never more than use from start to end, which is what the worst case of the quote rests on.
    """
    if session.state in NEVER_STARTED:
        return need_of_orders(session, as_of)
    events = _in_order(usages)
    evidence, custody = Evidence(session.acts, events), _custody(session, events, as_of)
    stretches, until = stretches_of(evidence, session.policy, custody), custody.end
    return replace(
        _need(session, usages, events, stretches),
        evidence=_evidence(events, session.meters) | {**evidence_of(session, session.ordered)},
        digest=_digest(session, events, until),
        faults=listed(faults_at_end(session, events), FEW_LISTED),
        left_faulty={act: listed(ids, FEW_LISTED) for act, ids in faults_at_moves(session, events).items()},
    )


def needs_until(session: AccessSession, usages: Sequence[Usage], latest: datetime) -> Callable[[datetime], Need]:
    """What `need_of` shows as of any instant up to the latest, but for evidence, faults and digest.

    The evidence is heard once: what is known by then shows the same of an earlier time, however much later it ends.
    """
    if session.state in NEVER_STARTED:
        return lambda as_of: need_of_orders(session, as_of)
    events = _in_order(usages)
    custody = _custody(replace(session, stop=None), events, latest)
    heard = [replace(each, ids=()) for each in stretches_of(Evidence(session.acts, events), session.policy, custody)]

    def at(as_of: datetime) -> Need:
        until = session.ended_at or max(session.runs_until(as_of), session.started_at)
        begun = [each for each in heard if each.interval.start < until] or heard[:1]
        last = begun.pop()
        end = max(last.interval.start, min(last.interval.end, until))
        return _need(session, usages, events, [*begun, replace(last, interval=Interval(last.interval.start, end))])

    return at


def _in_order(usages: Sequence[Usage]) -> list[Event]:
    return sorted((event for usage in usages for event in usage.events), key=lambda each: (each.time, each.key))


def _custody(session: AccessSession, events: Sequence[Event], as_of: datetime) -> Interval:
    """From its start until it ended, or until now; not longer than until it was over by what was said."""
    until = session.ended_at or max(session.runs_until(as_of), session.started_at)
    whole = Interval(session.started_at, until)
    over = over_since(Evidence(session.acts, events), session.policy, whole)
    return whole if over is None else Interval(whole.start, over)


def _need(
    session: AccessSession, usages: Sequence[Usage], events: Sequence[Event], stretches: Sequence[Stretch]
) -> Need:
    """Intervals and quantities, as far as the stretches go."""
    policy, until, is_open = session.policy, stretches[-1].interval.end, session.ended_at is None
    most = until - session.started_at + AHEAD
    totals = {meter: total_of(meter, usages, until) for meter in session.meters}
    reported = {meter: _at_most(total, _elapsed(most, session.meters[meter])) for meter, total in totals.items()}
    used = time_used(stretches)
    return Need(
        intervals=intervals_of(
            stretches,
            policy,
            session.started_at if policy.use_signals else _handed_out(events, session.started_at, until),
            None if is_open or policy.use_signals else _measured(session.meters, reported),
        ),
        quantities={
            meter: _shown(reported[meter], _elapsed(used, unit), is_open=is_open)
            for meter, unit in session.meters.items()
        }
        | {**session.ordered},
        evidence={},
        digest="",
    )


def need_policy(policy: UsePolicy) -> NeedPolicy:
    """What of a product's policy decides about need."""
    credit = policy.fault_credit
    return NeedPolicy(
        use_signals=policy.use_signals,
        rest_signals=policy.rest_signals,
        return_signals=policy.return_signals,
        silence=policy.silence,
        grace=policy.grace,
        unused=NeedState(policy.unused.value),
        fault_credit=CreditTerms(credit.of.value, credit.percent) if credit else None,
    )


def _handed_out(events: Sequence[Event], start: datetime, until: datetime) -> datetime:
    """When the thing itself first said that it was; if it did not, at the start."""
    return min((each.time for each in events if each.name == HAND_OUT and each.time < until), default=start)


def _measured(meters: Mapping[str, str], reported: Mapping[str, Decimal | None]) -> timedelta | None:
    """By the first meter that counts time, if it has reported."""
    name = next((meter for meter, unit in meters.items() if unit in SECONDS_IN), None)
    amount = reported[name] if name is not None else None
    return None if name is None or amount is None else timedelta(seconds=int(amount * SECONDS_IN[meters[name]]))


def _elapsed(length: timedelta, unit: str) -> Decimal | None:
    """The started seconds, as so many of the unit; None if it is not one of time."""
    if unit not in SECONDS_IN:
        return None
    seconds = Decimal(-(-length // timedelta(seconds=1)))
    return (seconds / SECONDS_IN[unit]).quantize(_FINEST, ROUND_CEILING)


def _at_most(reported: Decimal | None, elapsed: Decimal | None) -> Decimal | None:
    """No more time than there was, as a meter may say that was heard before a return was."""
    return reported if reported is None or elapsed is None else min(reported, elapsed)


def _shown(reported: Decimal | None, elapsed: Decimal | None, *, is_open: bool) -> Decimal:
    if elapsed is None:
        return reported or Decimal(0)
    if is_open:
        return max(reported or Decimal(0), elapsed)
    return elapsed if reported is None else reported


def _evidence(events: Sequence[Event], meters: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What shows the start, and each meter."""
    names = {START: HAND_OUT, **{meter: meter for meter in meters}}
    ids: dict[str, list[str]] = {name: [] for name in names.values()}
    for event in events:
        if event.name in ids:
            ids[event.name].append(event.event_id)
    return dict(zip(names, all_listed([ids[name] for name in names.values()]), strict=True))


def _digest(session: AccessSession, events: Sequence[Event], until: datetime) -> str:
    """Over what the need was made from, so that a bill can be recomputed and compared."""
    rows = [
        [
            each.source,
            each.event_id,
            format_instant(each.time),
            each.name,
            None if each.value is None else plain(each.value),
            *([dict(each.dimensions)] if each.dimensions else []),
        ]
        for each in events
    ]
    made_from: list[object] = [session.session_id, format_instant(session.started_at), format_instant(until), rows]
    if session.policy != NeedPolicy():
        made_from.append({"policy": session.policy.document()})
    if session.acts:
        made_from.append({"acts": sorted(each.row() for each in set(session.acts))})
    if session.ordered:
        made_from.append({"ordered": {name: plain(amount) for name, amount in session.ordered.items()}})
    return digest(made_from)
