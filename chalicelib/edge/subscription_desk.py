"""The mobile door's routes of plans and subscriptions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Right
from chalicelib.edge import subscription_file_shapes as files
from chalicelib.edge import subscription_shapes as shapes
from chalicelib.edge.acting_for import acting
from chalicelib.edge.call import Call
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.paging import PageQuery
from chalicelib.edge.plan_shapes import show_terms
from chalicelib.edge.routes import NOT_YET, PAYS, delete, get, post, put
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from chalicelib.customers.model import Customer
    from chalicelib.edge import subscription_areas, subscription_file, subscription_words, withdrawal_notice
    from chalicelib.edge.wiring import Wiring
    from chalicelib.subscriptions import changing, publishing, subscribing
    from chalicelib.subscriptions.plan import Plan
    from chalicelib.subscriptions.subscription import Subscription
    from chalicelib.subscriptions.terms import Acceptance, Terms
else:
    subscription_areas = lazily("chalicelib.edge.subscription_areas")
    subscription_file = lazily("chalicelib.edge.subscription_file")
    subscription_words = lazily("chalicelib.edge.subscription_words")
    withdrawal_notice = lazily("chalicelib.edge.withdrawal_notice")
    changing = lazily("chalicelib.subscriptions.changing")
    publishing = lazily("chalicelib.subscriptions.publishing")
    subscribing = lazily("chalicelib.subscriptions.subscribing")

_ONE = "/v1/subscriptions/{subscription_id}"
_TEXT, _PAGE = "text/plain; charset=utf-8", "text/html; charset=utf-8"
_ACTED = {"shows": shapes.show_acted}


class SubscriptionDesk:
    """What can be had for a time, what I have of it, and everything that I may do with it."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _keeping(self, call: Call[Claims, Any], by: Customer) -> subscribing.Keeping:
        return subscription_areas.keeping(self._wired, call.now, call.commit, by)

    def _mine(self, call: Call[Claims, Any], subscription_id: str) -> tuple[Subscription, subscribing.Keeping]:
        customer = acting(call, self._wired)
        keeping = self._keeping(call, customer)
        found = changing.subscription_of(customer.account_id, subscription_id, keeping=keeping)
        changing.check_sees(found, customer.customer_id, reads=customer.may(Right.READ))
        return found, keeping

    def _confirm(self) -> subscribing.Confirm:
        return partial(subscription_words.confirmation_text, zone=self._wired.settings.zone)

    @get("/v1/terms/{version}", query=shapes.TermsQuery, shows=show_terms, anyone=True)
    def terms(self, call: Call[Claims, None], version: str) -> tuple[Terms, str]:
        """A version of the terms in a language, with what shows later that it was read."""
        asked = call.query.lang
        return publishing.terms_of(version, [asked] if asked else [], terms=self._wired.plans)

    @get("/v1/plans", query=PageQuery, needs=Right.BELONG)
    def plans_on_sale(self, call: Call[Claims, None]) -> shapes.PlansOffered:
        """What can be had now: the price first, and whether I may have it."""
        customer, query = acting(call, self._wired), call.query
        people = self._keeping(call, customer).belonging
        rows = self._wired.plans.plans(limit=query.limit, after=query.after)
        kind = people.kind(customer.account_id)
        required = list(dict.fromkeys(each for plan in rows for each in plan.requires))
        lacking = people.lacking(customer.customer_id, required, call.now) if required else ()
        shown = [self._offer(each, customer, lacking, kind) for each in rows if each.on_sale(call.now)]
        return shapes.PlansOffered(shown, rows[-1].plan_id if len(rows) >= query.limit else None)

    def _offer(self, plan: Plan, customer: Customer, lacking: Any, kind: str) -> shapes.PlanOffered:  # noqa: ANN401
        missing = [each for each in plan.requires if each in lacking]
        return shapes.show_offered(plan, customer.language, missing, is_for=plan.is_for(kind))

    @post("/v1/subscriptions", needs=Right.PAY, takes=shapes.SubscribeBody, status=201, refuses=PAYS, **_ACTED)
    def subscribe(self, call: Call[Claims, shapes.SubscribeBody]) -> Subscription:
        """Agree to a plan, at the price and by the terms that were shown."""
        customer, body = acting(call, self._wired), call.body
        command = subscribing.Subscribe(
            account_id=customer.account_id,
            by=customer.customer_id,
            plan_id=body.plan_id,
            plan_version=body.plan_version,
            accepted=shapes.accepted_of(body.terms),
            members=tuple(body.members),
            seats=body.seats,
            paused=body.paused,
            paused_until=shapes.instant_of(body.paused_until, "paused_until"),
            begin_at_once=body.begin_at_once,
            told_of_withdrawal=True,
        )
        keeping, made_of = self._keeping(call, customer), self._wired.random_bytes
        confirm = withdrawal_notice.with_notice(self._confirm(), command, self._wired)
        return subscribing.subscribe(command, keeping=keeping, confirm=confirm, random_bytes=made_of)

    @get("/v1/subscriptions", query=shapes.EndedQuery, needs=Right.SEE)
    def subscriptions(self, call: Call[Claims, None]) -> shapes.SubscriptionsShown:
        """What I have, in one page; with `ended` what I had, the last one first."""
        customer, query, lives = acting(call, self._wired), call.query, self._wired.lives
        after = None
        if query.ended:
            page = lives.ended_of(customer.account_id, limit=query.limit, after=query.after)
            rows, after = page.rows, page.after
        else:
            rows = lives.of_account(customer.account_id)
        if not customer.may(Right.READ):
            rows = [each for each in rows if customer.customer_id in each.members]
        seen = subscription_areas.looking(self._wired, call.now).each(rows)
        return shapes.SubscriptionsShown([shapes.show_seen(each, call.now) for each in seen], after)

    @get(_ONE, needs=Right.SEE)
    def subscription(self, call: Call[Claims, None], subscription_id: str) -> shapes.SubscriptionShown:
        """A subscription as it stands, and what this month's fee is less by because it was asleep or paused."""
        found, _ = self._mine(call, subscription_id)
        shown = shapes.show_seen(subscription_areas.looking(self._wired, call.now).at(found), call.now)
        saved = self._wired.fees.saved(found.account_id, Month.of(call.now, self._wired.settings.zone), call.now)
        shown.saved = shapes.show_saved(saved.get(found.subscription_id))
        shown.data = self._file(found, call)
        return shown

    def _file(self, found: Subscription, call: Call[Claims, Any]) -> files.FileShown | None:
        """A new link to the file of what has ended, for who reads what the account has: it names others' use too."""
        reads = acting(call, self._wired).may(Right.READ)
        if found.ended_at is None or not reads or not subscription_file.has_file(found, call.now):
            return None
        key = subscription_file.file_key(found.subscription_id)
        return files.show_file(self._wired.own_files.link(key, files.LINK_SECONDS), found.ended_at)

    @post(f"{_ONE}/pause", needs=Right.PAY, takes=shapes.PauseBody, **_ACTED)
    def pause(self, call: Call[Claims, shapes.PauseBody], subscription_id: str) -> Subscription:
        """Pause it to the second: for a time, or until I wake it. Paused it costs nothing."""
        since, until = shapes.instant_of(call.body.since, "from"), shapes.instant_of(call.body.until, "until")
        found, keeping = self._mine(call, subscription_id)
        return changing.pause(found, since, until, keeping=keeping)

    @post(f"{_ONE}/wake", needs=Right.PAY, refuses=PAYS, **_ACTED)
    def wake(self, call: Call[Claims, None], subscription_id: str) -> Subscription:
        """End its pause now."""
        found, keeping = self._mine(call, subscription_id)
        return changing.wake(found, keeping=keeping)

    @delete(f"{_ONE}/pause", needs=Right.PAY, refuses=NOT_YET, **_ACTED)
    def cancel_pause(self, call: Call[Claims, None], subscription_id: str) -> Subscription:
        """Let a pause to come not come."""
        found, keeping = self._mine(call, subscription_id)
        return changing.cancel_pause(found, keeping=keeping)

    @get(
        f"{_ONE}/change",
        query=shapes.ChangeQuery,
        shows=shapes.show_preview,
        needs=Right.PAY,
        refuses=(*NOT_YET, "forbidden"),
    )
    def preview_change(self, call: Call[Claims, None], subscription_id: str) -> changing.Preview:
        """What a change of plan, version or seats would do and cost; nothing is changed by asking."""
        query = call.query
        found, keeping = self._mine(call, subscription_id)
        wished = changing.ChangePlan(query.plan, query.version, shapes.instant_of(query.at, "at"), query.seats)
        return changing.preview_change(found, wished, keeping=keeping, costs=self._wired.fees)

    @post(f"{_ONE}/change", needs=Right.PAY, takes=shapes.ChangeBody, refuses=PAYS, **_ACTED)
    def change_plan(self, call: Call[Claims, shapes.ChangeBody], subscription_id: str) -> Subscription:
        """Go over to another plan, version or number of seats, now or from an instant on."""
        body = call.body
        found, keeping = self._mine(call, subscription_id)
        accepted = None if body.terms is None else shapes.accepted_of(body.terms)
        at = shapes.instant_of(body.at, "at")
        wished = changing.ChangePlan(body.plan_id, body.plan_version, at, body.seats, accepted)
        by = acting(call, self._wired).customer_id
        return changing.change_plan(found, wished, by, keeping=keeping, confirm=self._confirm())

    @delete(f"{_ONE}/change", needs=Right.PAY, refuses=NOT_YET, **_ACTED)
    def cancel_change(self, call: Call[Claims, None], subscription_id: str) -> Subscription:
        """Let a change to come not come."""
        found, keeping = self._mine(call, subscription_id)
        return changing.cancel_change(found, keeping=keeping)

    @put(f"{_ONE}/members/{{customer_id}}", needs=Right.MANAGE, refuses=("conflict", "forbidden"), **_ACTED)
    def add_subscription_member(self, call: Call[Claims, None], subscription_id: str, customer_id: str) -> Subscription:
        """Let somebody of the account take part, if there is a seat."""
        found, keeping = self._mine(call, subscription_id)
        return changing.add_member(found, customer_id, keeping=keeping)

    @delete(f"{_ONE}/members/{{customer_id}}", needs=Right.MANAGE, refuses=NOT_YET, **_ACTED)
    def remove_subscription_member(
        self, call: Call[Claims, None], subscription_id: str, customer_id: str
    ) -> Subscription:
        """Let somebody not take part any more; what they have open they may end."""
        found, keeping = self._mine(call, subscription_id)
        return changing.remove_member(found, customer_id, keeping=keeping)

    @post(
        f"{_ONE}/end",
        needs=Right.PAY,
        takes=shapes.EndBody,
        shows=shapes.show_ended,
        saves=shapes.show_ended_again,
    )
    def end_subscription(
        self, call: Call[Claims, shapes.EndBody], subscription_id: str
    ) -> tuple[Subscription, files.FileShown | None]:
        """End it now, by this one call: what is unused comes back, what is owed is settled, and all of it is a file."""
        found, keeping = self._mine(call, subscription_id)
        why = None if call.body.why is None else changing.Why(call.body.why)
        ended = changing.end(found, why, keeping=keeping)
        return ended, self._file(ended, call)

    def _acceptances(self, call: Call[Claims, Any], subscription_id: str) -> list[Acceptance]:
        found, _ = self._mine(call, subscription_id)
        return list(self._wired.lives.acceptances(found.account_id, found.subscription_id))

    def _confirmed(self, call: Call[Claims, Any], subscription_id: str) -> tuple[Acceptance, str]:
        """A confirmation, and the text of the terms that were accepted."""
        kept = changing.confirmed(self._acceptances(call, subscription_id), call.query.number)
        terms, language = publishing.terms_of(kept.accepted.version, [kept.accepted.language], terms=self._wired.plans)
        return kept, terms.texts[language]

    @get(f"{_ONE}/confirmation", needs=Right.SEE)
    def confirmations(self, call: Call[Claims, None], subscription_id: str) -> list[shapes.AcceptanceShown]:
        """Everything that was agreed for it, the first one first: which text of the terms, by whom, when."""
        kept = self._acceptances(call, subscription_id)
        return [shapes.show_acceptance(number, each) for number, each in enumerate(kept, start=1)]

    @get(f"{_ONE}/confirmation.txt", query=shapes.ConfirmationQuery, answers=_TEXT, needs=Right.SEE)
    def confirmation_as_text(self, call: Call[Claims, None], subscription_id: str) -> str:
        """What was agreed, as it was agreed, with the terms, to keep."""
        kept, terms = self._confirmed(call, subscription_id)
        return subscription_words.whole_text(kept.confirmation, terms)

    @get(f"{_ONE}/confirmation.html", query=shapes.ConfirmationQuery, answers=_PAGE, needs=Right.SEE)
    def confirmation_as_page(self, call: Call[Claims, None], subscription_id: str) -> str:
        """The same as a page that a browser prints and a screen reader reads."""
        kept, terms = self._confirmed(call, subscription_id)
        return subscription_words.page(kept.confirmation, terms, kept.accepted.language)
