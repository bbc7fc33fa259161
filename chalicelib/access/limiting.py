"""Limits that are set while something runs: it goes on for what they leave, and what they stopped before is released.

All is as of the instant at which they were set, however late a worker comes to it; so the answer that sets them can say
what ends when. Each session is brought under them in a transaction of its own, on the turn of every limit that was
looked at, and the turn moves on: nothing starts on what was looked at before. Those that may come to less go first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.access.acting import LONGEST, instant_of_cost, over_at, stopping_anew
from chalicelib.access.agreed import NOTHING_ASKED
from chalicelib.access.allowing import Allowing, told_by_time
from chalicelib.access.bounding import GIVE_BACK, wish_of, with_bound
from chalicelib.access.course import Course, course_of
from chalicelib.access.ending import Ending
from chalicelib.access.errors import LimitsMoved, SessionChanged
from chalicelib.access.limits import LimitsNow, OwnNow
from chalicelib.access.model import OPEN, AccessSession
from chalicelib.access.pools import pools_over
from chalicelib.access.sharing import limit_of, part_bounded, view_for
from chalicelib.access.sharing_out import Portion, shared_out
from chalicelib.access.stops import Until
from chalicelib.access.uses import product_key, tariff_for
from chalicelib.customers.errors import MembershipMoved
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write

_TRIES = 6
_SECOND = timedelta(seconds=1)
_HORIZON = LONGEST // _SECOND


@dataclass(frozen=True, slots=True)
class Limiting:
    """What it takes to bring what runs under limits, all as of when these were set."""

    parts: Ending
    allowing: Allowing
    currency: str


@dataclass(frozen=True, slots=True)
class Brought:
    """A session, or an account's part of one, before and after it is brought under the account's limits."""

    before: AccessSession
    after: AccessSession
    course: Course

    @property
    def account_id(self) -> str:
        """Whose limits they are."""
        return self.course.view.account_id

    @property
    def is_less(self) -> bool:
        """Whether it may come to less than before."""
        before, after = (
            limit_of(view_for(each, each.session_id, self.account_id)) for each in (self.before, self.after)
        )
        return after is not None and (before is None or after.minor < before.minor)


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of all that an account has running."""

    now: LimitsNow
    brought: tuple[Brought, ...] = ()
    own: Mapping[str, OwnNow] = field(default_factory=dict)

    @property
    def ends(self) -> list[AccessSession]:
        """Those of the account's sessions that limits end."""
        return limited((each.after for each in self.brought), {each.account_id for each in self.brought})

    def so_far(self, currency: str, *, product: str | None = None, member: str | None = None) -> Money:
        """What has come together by now, of one product or one member alone."""
        views = ((each.course.view, each.course.so_far) for each in self.brought)
        return Money(
            sum(
                cost
                for view, cost in views
                if product in (None, product_key(view)) and member in (None, view.customer_id)
            ),
            currency,
        )


def limited(sessions: Iterable[AccessSession], accounts: Iterable[str]) -> list[AccessSession]:
    """Those that limits end, and that are an account's own; the first to end first."""
    whose = set(accounts)
    found = [each for each in sessions if each.stop and each.stop.limited and _holder(each) in whose]
    return sorted(found, key=lambda each: (each.stop.at if each.stop else each.started_at, each.session_id))


def _holder(session: AccessSession) -> str:
    return session.parts[0].account_id if session.parts else session.account_id


def planned(account_id: str, *, limiting: Limiting) -> Plan:
    """What runs, under the limits as they are. The turn is read first, and what runs before what was spent."""
    allowing, sessions = limiting.allowing, limiting.parts.sessions
    now = allowing.limits.find(account_id)
    views = sorted(sessions.open_of(account_id), key=lambda each: each.session_id)
    if not views:
        return Plan(now)
    pools = pools_over(account_id, now, views, limiting.currency, allowing=allowing)
    ran = [each for each in views if not _is_later(each, now)]
    courses = {each.session_id: course_of(each, LONGEST, allowing=allowing) for each in ran}
    portions = shared_out(
        pools.beside(each for each in views if _is_later(each, now)),
        {name: each.after for name, each in courses.items()},
        _HORIZON,
    )
    stored = sessions.many(list(courses))
    going = [(stored[name], courses[name], portion) for name, portion in portions.items() if name in stored]
    brought = (_brought(*each, limiting.parts) for each in going if each[0].state in OPEN)
    return Plan(now, tuple(brought), pools.own)


def _is_later(view: AccessSession, now: LimitsNow) -> bool:
    """Whether it began under the limits that were set; a worker may come to them late."""
    if now.set_at is None:
        return False
    part = next((each for each in view.parts[1:] if each.account_id == view.account_id), None)
    if part is not None:
        return part.joined_at > now.set_at
    return view.agreed is not None and view.agreed.turn >= now.set_turn


def limit(account_id: str, *, limiting: Limiting) -> None:
    """Bring all that the account has running under its limits, unless they were set anew since."""
    for _ in range(_TRIES):
        plan = planned(account_id, limiting=limiting)
        if plan.now.set_at != limiting.parts.now:
            return
        try:
            _bring(plan, account_id, limiting)
        except (LimitsMoved, SessionChanged, MembershipMoved):
            continue
        return
    raise SessionChanged(account_id=account_id)


def _bring(plan: Plan, account_id: str, limiting: Limiting) -> None:
    """Each by itself: there may be more than a transaction holds."""
    parts, allowing = limiting.parts, limiting.allowing
    turn, own = plan.now.turn, dict(plan.own)
    changed = [each for each in plan.brought if each.after is not each.before]
    for each in sorted(changed, key=lambda each: not each.is_less):
        writes = [allowing.limits.moving(account_id, turn), *_changing(each, parts)]
        member = each.course.view.customer_id
        mine = own.get(member)
        if mine is not None and mine.turn is not None:
            writes += allowing.personal.belongs(member, account_id, mine.turn)
            own[member] = replace(mine, turn=mine.turn + 1)
        parts.commit(writes, None)
        turn += 1


def _changing(each: Brought, parts: Ending) -> Sequence[Write]:
    """Whoever runs is told when it ends, or that it does not any more."""
    before, after, now = each.before.stop, each.after.stop, parts.now
    writes = list(parts.sessions.changing(each.after))
    if before == after:
        return writes
    writes += parts.sessions.stopping(each.after, now)
    if after is not None and after.limited is not None:
        told = parts.sessions.telling(each.after, "limit_ends_session", now, {"ends_at": format_instant(after.at)})
        return [*writes, told]
    return [*writes, parts.sessions.telling(each.after, "limit_lifted", now)]


def _brought(session: AccessSession, course: Course, portion: Portion, parts: Ending) -> Brought:
    """As it was, if it is over by its stop, which no timer has ended yet."""
    if over_at(session, parts.now, acting=parts) < parts.now:
        return Brought(session, session, course)
    own = course.view.account_id == session.account_id
    after = _whole(session, course, portion, parts) if own else _part(session, course, portion, parts)
    same = (after.stop, after.agreed, after.parts) == (session.stop, session.agreed, session.parts)
    return Brought(session, session if same else replace(after, revision=session.revision + 1), course)


def _whole(session: AccessSession, course: Course, portion: Portion, parts: Ending) -> AccessSession:
    bound = None if portion.most is None else _money(course, portion.most, session, parts)
    agreed = session.agreed
    if bound is not None or agreed is not None:
        agreed = replace(agreed or NOTHING_ASKED, bound=bound)
    bounded = replace(session, agreed=agreed)

    def instant_of(cost: Money) -> datetime | None:
        return instant_of_cost(bounded, cost, acting=parts)

    until = _until(session, portion, parts)
    return replace(bounded, stop=with_bound(bounded, wish_of(session.stop), until, instant_of=instant_of))


def _until(session: AccessSession, portion: Portion, parts: Ending) -> Until | None:
    """What time alone does not tell ends while there is room for the most that it can come to by then."""
    if portion.passed:
        return Until(parts.now + GIVE_BACK, eased=True)
    if portion.most is None or told_by_time(tariff_for(session, catalogue=parts.catalogue)):
        return None
    return Until(parts.now + (_HORIZON if portion.seconds is None else portion.seconds) * _SECOND)


def _part(session: AccessSession, course: Course, portion: Portion, parts: Ending) -> AccessSession:
    """A part comes to no more than it has come to, where a budget is passed; the holder comes to a cost sooner then."""
    most = course.so_far if portion.passed else portion.most
    bound = None if most is None else _money(course, most, session, parts)
    return stopping_anew(part_bounded(session, course.view.account_id, bound), acting=parts)


def _money(course: Course, most: int, session: AccessSession, parts: Ending) -> Money:
    return Money(course.before + most, tariff_for(session, catalogue=parts.catalogue).currency)
