"""Subscribe: price and terms were shown first, and what was agreed is kept as it was agreed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.writes import Commit, Write
from chalicelib.subscriptions.errors import (
    AlreadyHas,
    BadPause,
    NotShown,
    PassNotPaused,
    PlanMoved,
    PlanNotForAccount,
    PlanNotOnSale,
    TermsNotShown,
    TooManySeats,
    UnknownMember,
)
from chalicelib.subscriptions.life_ports import Belonging, Beside, PlanVersions, Publications, Subscriptions
from chalicelib.subscriptions.living import Act, begun, shown_anew
from chalicelib.subscriptions.moves import counts_of
from chalicelib.subscriptions.plan import Plan, PlanKind
from chalicelib.subscriptions.publishing import plan_of
from chalicelib.subscriptions.subscription import Pause, Phase, Subscription
from chalicelib.subscriptions.terms import Acceptance, Accepted, Terms

MOST_NAMED = 20
"""How many members can be named at once; each is asked for what the plan requires in the one transaction."""
Confirm = Callable[[Subscription, Plan, Terms, datetime], str]
"""The confirmation as a text that the customer can keep."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What changes subscriptions."""

    lives: Subscriptions
    plans: PlanVersions
    terms: Publications
    belonging: Belonging
    beside: Beside
    zone: str
    now: datetime
    commit: Commit

    def writes(self, act: Act) -> list[Write]:
        """An act with all that goes with it."""
        return [*self.lives.acting(act, counts_of(act, self.zone)), *self.beside.writes(act)]

    def shown_until(self, people: Sequence[str], plan: Plan) -> datetime | None:
        """Until when one of the people has what a plan requires; None: it requires nothing."""
        return self.belonging.shown_until(people, plan.requires, self.now) if plan.requires else None

    def shown(self, act: Act, at: datetime) -> Act:
        """The act, with what who takes part by it has shown, as of an instant."""
        people = act.after.members
        return shown_anew(act, lambda phase: self.shown_until(people, self.plan(phase)) or at, at)

    def phase(self, plan: Plan, people: Sequence[str], since: datetime, seats: int) -> Phase:
        """A phase of a plan from an instant on, with what of the plan is asked of it without looking at the plan."""
        shown_until = self.shown_until(people, plan)
        return Phase(plan.plan_id, plan.version, since, None, seats, shown_until=shown_until, free=plan.fee is None)

    def plan(self, phase: Phase) -> Plan:
        """The plan of a phase."""
        return plan_of(phase.plan_id, phase.plan_version, plans=self.plans)


@dataclass(frozen=True, slots=True)
class Subscribe:
    """What a customer agrees to. `seats` None: as many as there are members; no members: the customer alone."""

    account_id: str
    by: str
    plan_id: str
    plan_version: int
    accepted: Accepted
    members: tuple[str, ...] = ()
    seats: int | None = None
    paused: bool = False
    paused_until: datetime | None = None
    begin_at_once: bool = False
    told_of_withdrawal: bool = False


def subscribe(command: Subscribe, *, keeping: Keeping, confirm: Confirm, random_bytes: RandomBytes) -> Subscription:
    """Agree to a plan at the price that was shown: subscription, acceptance, confirmation and notice, or nothing."""
    plan = on_offer(command.plan_id, command.plan_version, command.account_id, keeping=keeping)
    terms = accepted_terms(plan, command.accepted, keeping=keeping)
    members = command.members or (command.by,)
    check_members(command.account_id, members, keeping=keeping)
    alone = has_not(command.account_id, members, plan, keeping=keeping)
    seats = check_seats(plan, len(members) if command.seats is None else command.seats, len(members))
    made = Subscription(
        subscription_id=new_id("sub", random_bytes),
        account_id=command.account_id,
        by=command.by,
        terms_version=terms.version,
        terms_digest=command.accepted.digest,
        language=command.accepted.language,
        subscribed_at=keeping.now,
        phase=replace(keeping.phase(plan, members, keeping.now, seats), until=plan.runs_out(keeping.now)),
        pause=_first_pause(command, plan, keeping.now),
        members=members,
        uses_left=plan.lasts.uses if plan.lasts else None,
        is_pass=plan.kind is PlanKind.PASS,
    )
    text = confirm(made, plan, terms, keeping.now)
    accepted = acceptance((made, plan), command.accepted, text, command.by, keeping.now)
    writes = [
        *keeping.writes(begun(made)),
        keeping.lives.accepting(
            replace(accepted, begin_at_once=command.begin_at_once, told_of_withdrawal=command.told_of_withdrawal)
        ),
        keeping.lives.telling(made, "subscribed", keeping.now, {"plan": plan.plan_id}),
        keeping.plans.is_newest(plan),
        *alone,
        *keeping.belonging.in_order(command.account_id, pays=plan.fee is not None),
        *shown_by(members, plan, keeping=keeping),
    ]
    return keeping.commit(writes, made)


def on_offer(plan_id: str, version: int, account_id: str, *, keeping: Keeping) -> Plan:
    """The newest version of a plan that the account may have now, which has to be the one that was shown."""
    plan = plan_of(plan_id, plans=keeping.plans)
    if plan.version != version:
        raise PlanMoved(pointer="/plan_version", plan_id=plan_id, newest=plan.version)
    runs_out = plan.runs_out(keeping.now)
    if not plan.on_sale(keeping.now) or (runs_out is not None and runs_out <= keeping.now):
        raise PlanNotOnSale(plan_id=plan_id)
    if not plan.is_for(keeping.belonging.kind(account_id)):
        raise PlanNotForAccount(plan_id=plan_id, for_kinds=sorted(plan.for_kinds))
    return plan


def accepted_terms(plan: Plan, accepted: Accepted, *, keeping: Keeping) -> Terms:
    """The plan's terms, whose text was accepted: only who was shown it has its digest."""
    terms = keeping.terms.terms(plan.terms_version)
    shown = terms is not None and accepted.version == terms.version and accepted.language in terms.texts
    if terms is None or not shown or terms.digest(accepted.language) != accepted.digest:
        raise TermsNotShown(pointer="/terms", accepted=accepted.version[:40], in_force=plan.terms_version)
    return terms


def check_members(account_id: str, members: Sequence[str], *, keeping: Keeping) -> None:
    """Each belongs to the account, and is named once."""
    strangers = set(keeping.belonging.strangers(account_id, members))
    for index, each in enumerate(members):
        if each in strangers or each in members[:index]:
            raise UnknownMember(pointer=f"/members/{index}", member=each[:40])


def has_not(
    account_id: str, members: Sequence[str], plan: Plan, *, keeping: Keeping, but: Subscription | None = None
) -> list[Write]:
    """Nobody has a plan twice, in whichever version, now or to come, however many ask at once.

    Passes are had one after the other.
    """
    if plan.kind is PlanKind.PASS:
        return [keeping.lives.began(account_id)]
    had = keeping.lives.had(account_id)
    for each in keeping.lives.of_account(account_id):
        phases = [phase for phase in (each.phase_at(keeping.now), each.next_phase) if phase is not None]
        ends, plans = each.ends_at, {phase.plan_id for phase in phases}
        goes_on = (ends is None or ends > keeping.now) and (but is None or each.subscription_id != but.subscription_id)
        twice = [member for member in members if member in each.members]
        if goes_on and twice and plan.plan_id in plans:
            raise AlreadyHas(plan_id=plan.plan_id, member=twice[0], subscription_id=each.subscription_id)
    return [keeping.lives.having(account_id, had)]


def check_seats(plan: Plan, seats: int, members: int) -> int:
    """The number of seats, if the plan has so many and each member has one."""
    if seats < max(members, 1) or (plan.seats is not None and seats > plan.seats):
        raise TooManySeats(pointer="/seats", seats=seats, members=members, most=plan.seats)
    return seats


def shown_by(members: Sequence[str], plan: Plan, *, keeping: Keeping) -> list[Write]:
    """The conditions that each member has shown what the plan requires; refused at once where one has not."""
    check_shown(members, plan, keeping=keeping)
    writes: list[Write] = []
    for member in members if plan.requires else ():
        refused = NotShown(plan_id=plan.plan_id, member=member, requires=list(plan.requires))
        writes += keeping.belonging.has_shown(member, plan.requires, keeping.now, refused)
    return writes


def check_shown(members: Sequence[str], plan: Plan, *, keeping: Keeping) -> None:
    """Refuse where one of them has not shown what the plan requires, or it is not good now."""
    for member in members if plan.requires else ():
        lacking = keeping.belonging.lacking(member, plan.requires, keeping.now)
        if lacking:
            raise NotShown(plan_id=plan.plan_id, member=member, requires=list(lacking))


def acceptance(agreed: tuple[Subscription, Plan], accepted: Accepted, text: str, by: str, now: datetime) -> Acceptance:
    """What was accepted, with its confirmation."""
    subscription, plan = agreed
    whose = (subscription.subscription_id, subscription.account_id, by, now)
    return Acceptance(*whose, plan.plan_id, plan.version, accepted, text, subscription.revision)


def _first_pause(command: Subscribe, plan: Plan, now: datetime) -> Pause | None:
    if not command.paused:
        return None
    if plan.kind is PlanKind.PASS:
        raise PassNotPaused(pointer="/paused", plan_id=plan.plan_id)
    if command.paused_until is not None and command.paused_until <= now:
        raise BadPause(pointer="/paused_until")
    return Pause(now, command.paused_until)
