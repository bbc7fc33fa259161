"""What subscriptions look like at the doors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import pointing_at
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import PageQuery
from chalicelib.edge.plan_shapes import Instant, PassBody, PriceShown, Text, show_lasts, show_prices
from chalicelib.edge.subscription_file_shapes import FileShown, show_file
from chalicelib.kernel.time import parse_instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.subscriptions import terms as terms_read
    from chalicelib.subscriptions.changing import Preview
    from chalicelib.subscriptions.looking import Seen
    from chalicelib.subscriptions.plan import Plan
    from chalicelib.subscriptions.ports import Saved
    from chalicelib.subscriptions.subscription import Pause, Phase, Subscription
    from chalicelib.subscriptions.terms import Acceptance, Accepted
else:
    terms_read = lazily("chalicelib.subscriptions.terms")

Seats = Annotated[int, msgspec.Meta(ge=1, le=200)]
WHY = Literal["not_needed", "too_dear", "moved_away", "another_service", "dissatisfied", "other"]


class AcceptedBody(msgspec.Struct, forbid_unknown_fields=True):
    """The terms that were read: version, language, and the `sha256` that came with their text."""

    version: Text
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class SubscribeBody(msgspec.Struct, forbid_unknown_fields=True):
    """The plan in the version that was shown, and its terms. Nobody named as a member: I alone.

    `paused` begins it paused, up to `paused_until` or until it is woken. `begin_at_once` asks expressly that it begin
    within the time in which I may withdraw: what I had by then I pay for, and what was wholly done I no more withdraw
    from. Without it nothing is owed if I withdraw.
    """

    plan_id: Text
    plan_version: int
    terms: AcceptedBody
    members: Annotated[list[Text], msgspec.Meta(max_length=20)] = []
    seats: Seats | None = None
    paused: bool = False
    paused_until: Instant | None = None
    begin_at_once: bool = False


class PauseBody(msgspec.Struct, forbid_unknown_fields=True, rename={"since": "from"}):
    """From when on, now unless told; until when, or until it is woken."""

    since: Instant | None = None
    until: Instant | None = None


class ChangeBody(msgspec.Struct, forbid_unknown_fields=True):
    """The plan in the version that was shown; from when on, now unless told; `terms` if it has others than before."""

    plan_id: Text
    plan_version: int
    at: Instant | None = None
    seats: Seats | None = None
    terms: AcceptedBody | None = None


class ChangeQuery(msgspec.Struct, forbid_unknown_fields=True):
    """A change that is not made yet."""

    plan: Text
    version: int
    at: Instant | None = None
    seats: Seats | None = None


class EndBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why, if you like to say."""

    why: WHY | None = None


class TermsQuery(msgspec.Struct, forbid_unknown_fields=True):
    """In which language; otherwise in English, or in whichever there is."""

    lang: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")] | None = None


class ConfirmationQuery(msgspec.Struct, forbid_unknown_fields=True):
    """Which of the confirmations, by its number; the last one unless told."""

    number: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None


class EndedQuery(PageQuery, forbid_unknown_fields=True):
    """Those that have ended, instead of those that have not."""

    ended: bool = False


class PhaseShown(msgspec.Struct):
    """A plan in a version, for so many seats, from an instant on."""

    plan_id: str
    plan_version: int
    seats: int
    since: str
    until: str | None


class PauseShown(msgspec.Struct):
    """A pause that holds or is to come; `until` null: until it is woken."""

    since: str
    until: str | None


class SubscriptionActed(msgspec.Struct):
    """A subscription after an act."""

    subscription_id: str
    plan: PhaseShown
    change: PhaseShown | None
    pause: PauseShown | None
    members: list[str]
    ended_at: str | None
    revision: int


class EndedShown(SubscriptionActed):
    """A subscription that has ended, with its file; none where it ran out by itself, or ended over a week ago."""

    data: FileShown | None = None


class SavedShown(msgspec.Struct):
    """What this month's fee is less by."""

    asleep: Amount
    paused: Amount


class SubscriptionShown(SubscriptionActed):
    """A subscription as it stands: active, asleep, paused or ended, and since when, as far as that is known.

    `ends_at` is when a pass runs out, `uses_left` what is left of it. `shown_until` is until when one of its members
    has what the plan requires: then it is paused until that is shown again. `prices` count while it is active. `fares`
    says which tariffs its members have. Where one is asked for, `saved` stands if it has a fee this month, and `data`
    for a week after its customer has ended it.
    """

    state: str
    since: str | None
    name: str
    prices: list[PriceShown]
    fares: dict[str, str]
    asleep_after_days: int | None
    subscribed_at: str
    ends_at: str | None
    uses_left: int | None
    shown_until: str | None
    terms_version: str
    language: str
    saved: SavedShown | None = None
    data: FileShown | None = None


class SubscriptionsShown(msgspec.Struct):
    """Subscriptions. `next` is the `after` of the next page, or null at the end."""

    items: list[SubscriptionShown]
    next: str | None = None


class RequiredShown(msgspec.Struct):
    """What each member has to have shown, and whether I have."""

    requires: str
    shown: bool


class PlanOffered(msgspec.Struct):
    """A plan that can be had now: the price first, then whether this account may have it, and what is missing."""

    plan_id: str
    version: int
    name: str
    kind: str
    prices: list[PriceShown]
    lasts: PassBody | None
    may: bool
    for_kinds: list[str]
    requires: list[RequiredShown]
    seats: int | None
    asleep_after_days: int | None
    fares: dict[str, str]
    terms_version: str
    on_sale_until: str | None


class PlansOffered(msgspec.Struct):
    """A page of plans; it may be short, and yet not be the last."""

    items: list[PlanOffered]
    next: str | None


class ChangePreview(msgspec.Struct):
    """What a change would do: what the rest of its month costs without it and with it, and how much more that is.

    Amounts are as if all of that time were needed; asleep and paused it costs less. `terms_version` has to be accepted,
    if it is there.
    """

    before: PhaseShown
    after: PhaseShown
    prices: list[PriceShown]
    until: str
    costs_before: Amount
    costs_after: Amount
    more: Amount
    terms_version: str | None


class AcceptanceShown(msgspec.Struct):
    """What was accepted, by whom and when, and its confirmation's text."""

    number: int
    plan_id: str
    plan_version: int
    by: str
    at: str
    terms_version: str
    language: str
    sha256: str
    confirmation: str


def accepted_of(body: AcceptedBody) -> Accepted:
    """What a body says was accepted."""
    return terms_read.Accepted(body.version, body.language, body.sha256)


def instant_of(text: str | None, name: str) -> datetime | None:
    """An instant of a body or a query."""
    if text is None:
        return None
    with pointing_at(name):
        return parse_instant(text)


def show_phase(phase: Phase) -> PhaseShown:
    """A phase."""
    until = None if phase.until is None else show_instant(phase.until)
    return PhaseShown(phase.plan_id, phase.plan_version, phase.seats, show_instant(phase.since), until)


def _pause(pause: Pause | None) -> PauseShown | None:
    if pause is None:
        return None
    return PauseShown(show_instant(pause.since), None if pause.until is None else show_instant(pause.until))


def show_acted(subscription: Subscription) -> SubscriptionActed:
    """A subscription after an act."""
    upcoming = subscription.next_phase
    return SubscriptionActed(
        subscription_id=subscription.subscription_id,
        plan=show_phase(subscription.phase),
        change=None if upcoming is None else show_phase(upcoming),
        pause=_pause(subscription.pause),
        members=list(subscription.members),
        ended_at=None if subscription.ended_at is None else show_instant(subscription.ended_at),
        revision=subscription.revision,
    )


def show_ended(given: tuple[Subscription, FileShown | None]) -> EndedShown:
    """A subscription that has ended, with a link to its file."""
    subscription, data = given
    acted = show_acted(subscription)
    return EndedShown(**{name: getattr(acted, name) for name in acted.__struct_fields__}, data=data)


def show_ended_again(given: Subscription | tuple[Subscription, FileShown | None]) -> EndedShown:
    """What a repeat gets: a link is good for minutes, and shown once."""
    subscription = given[0] if isinstance(given, tuple) else given
    ended_at = subscription.ended_at
    return show_ended((subscription, None if ended_at is None else show_file(None, ended_at)))


def show_seen(seen: Seen, now: datetime) -> SubscriptionShown:
    """A subscription as it stands; what is over by now is not shown as to come."""
    subscription, plan = seen.subscription, seen.plan
    phase, upcoming, pause = subscription.phase_at(now), subscription.next_phase, subscription.pause
    over = pause is not None and pause.until is not None and pause.until <= now
    return SubscriptionShown(
        subscription_id=subscription.subscription_id,
        plan=show_phase(phase),
        change=None if upcoming is None or upcoming is phase else show_phase(upcoming),
        pause=None if over else _pause(pause),
        members=list(subscription.members),
        ended_at=None if subscription.ended_at is None else show_instant(subscription.ended_at),
        revision=subscription.revision,
        state=str(seen.standing.state),
        since=None if seen.standing.since is None else show_instant(seen.standing.since),
        name=plan.name_in(subscription.language),
        prices=show_prices(plan),
        fares=dict(plan.fares),
        asleep_after_days=plan.asleep_after_days,
        subscribed_at=show_instant(subscription.subscribed_at),
        ends_at=None if subscription.ends_at is None else show_instant(subscription.ends_at),
        uses_left=subscription.uses_left,
        shown_until=None if phase.shown_until is None else show_instant(phase.shown_until),
        terms_version=subscription.terms_version,
        language=subscription.language,
    )


def show_saved(saved: Saved | None) -> SavedShown | None:
    """What a month's fee is less by."""
    return None if saved is None else SavedShown(show_amount(saved.asleep), show_amount(saved.paused))


def show_offered(plan: Plan, language: str, lacking: Sequence[str], *, is_for: bool) -> PlanOffered:
    """A plan on sale."""
    return PlanOffered(
        plan_id=plan.plan_id,
        version=plan.version,
        name=plan.name_in(language),
        kind=str(plan.kind),
        prices=show_prices(plan),
        lasts=show_lasts(plan.lasts),
        may=is_for and not lacking,
        for_kinds=sorted(plan.for_kinds),
        requires=[RequiredShown(each, each not in lacking) for each in plan.requires],
        seats=plan.seats,
        asleep_after_days=plan.asleep_after_days,
        fares=dict(plan.fares),
        terms_version=plan.terms_version,
        on_sale_until=None if plan.on_sale_until is None else show_instant(plan.on_sale_until),
    )


def show_preview(preview: Preview) -> ChangePreview:
    """A change that is not made yet."""
    costs = preview.difference
    return ChangePreview(
        before=show_phase(preview.before),
        after=show_phase(preview.after),
        prices=show_prices(preview.plan),
        until=show_instant(costs.within.end),
        costs_before=show_amount(costs.before),
        costs_after=show_amount(costs.after),
        more=show_amount(costs.more),
        terms_version=preview.plan.terms_version if preview.needs_terms else None,
    )


def show_acceptance(number: int, acceptance: Acceptance) -> AcceptanceShown:
    """What was accepted."""
    return AcceptanceShown(
        number=number,
        plan_id=acceptance.plan_id,
        plan_version=acceptance.plan_version,
        by=acceptance.by,
        at=show_instant(acceptance.at),
        terms_version=acceptance.accepted.version,
        language=acceptance.accepted.language,
        sha256=acceptance.accepted.digest,
        confirmation=acceptance.confirmation,
    )
