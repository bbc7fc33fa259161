"""The finance door's routes of plans, terms and subscriptions: the operator publishes, finance looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.edge.call import Call
from chalicelib.edge.callers import OPERATE, READ, Staff
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.plan_shapes import (
    MOST_TEXT,
    PlanBody,
    PlanShown,
    PlanTermsBody,
    plan_stated,
    show_plan,
    show_published,
)
from chalicelib.edge.routes import get, put
from chalicelib.edge.subscription_views import MovesQuery, MovesShown, StandingQuery, StandingShown
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from chalicelib.edge import subscription_areas, subscription_views
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.subscriptions import publishing
    from chalicelib.subscriptions.plan import Plan
    from chalicelib.subscriptions.terms import Terms
else:
    subscription_areas = lazily("chalicelib.edge.subscription_areas")
    subscription_views = lazily("chalicelib.edge.subscription_views")
    publishing = lazily("chalicelib.subscriptions.publishing")


class PlanDesk:
    """The operator publishes; finance sees how many have what."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    def _publishing(self, call: Call[Staff, Any]) -> publishing.Publishing:
        return subscription_areas.publishing(self._wired, call.caller.subject, call.now, call.commit)

    @put("/v1/terms/{version}", takes=PlanTermsBody, shows=show_published, most_bytes=MOST_TEXT, needs=OPERATE)
    def publish_terms(self, call: Call[Staff, PlanTermsBody], version: str) -> Terms:
        """Publish a version of the terms in each language. It never changes."""
        return publishing.publish_terms(version, call.body.texts, publishing=self._publishing(call))

    @get("/v1/terms/{version}", shows=show_published, needs=OPERATE)
    def published_terms(self, _call: Call[Staff, None], version: str) -> Terms:
        """A version of the terms."""
        return publishing.terms_of(version, (), terms=self._wired.plans)[0]

    @put("/v1/plans/{plan_id}", takes=PlanBody, shows=show_plan, needs=OPERATE)
    def publish_plan(self, call: Call[Staff, PlanBody], plan_id: str) -> Plan:
        """Publish the next version of a plan; the same again is the version that there is."""
        stated = plan_stated(plan_id, call.body)
        return publishing.publish_plan(stated, call.body.fee, publishing=self._publishing(call))

    @get("/v1/plans", query=PageQuery, needs=OPERATE)
    def all_plans(self, call: Call[Staff, None]) -> Page[PlanShown]:
        """The newest version of each plan, in order of id."""
        rows = self._wired.plans.plans(limit=call.query.limit, after=call.query.after)
        return paged(rows, call.query, show_plan, lambda plan: plan.plan_id)

    @get("/v1/plans/{plan_id}", shows=show_plan, needs=OPERATE)
    def plan(self, _call: Call[Staff, None], plan_id: str) -> Plan:
        """The newest version of a plan."""
        return publishing.plan_of(plan_id, plans=self._wired.plans)

    @get("/v1/plans/{plan_id}/versions", query=PageQuery, needs=OPERATE)
    def plan_versions(self, call: Call[Staff, None], plan_id: str) -> Page[PlanShown]:
        """Each version of a plan, the first one first."""
        publishing.plan_of(plan_id, plans=self._wired.plans)
        after = subscription_views.version_after(call.query.after)
        rows = self._wired.plans.versions(plan_id, limit=call.query.limit, after=after)
        return paged(rows, call.query, show_plan, lambda plan: str(plan.version))

    @get("/v1/subscriptions", query=StandingQuery, needs=READ)
    def subscriptions(self, call: Call[Staff, None]) -> Page[StandingShown]:
        """Subscriptions by plan and state, under their accounts' pseudonyms; a page may be short, and not the last."""
        return subscription_views.standing(self._wired, call.query, call.now)

    @get("/v1/subscriptions/moves/{month}", query=MovesQuery, needs=READ)
    def subscription_moves(self, call: Call[Staff, None], month: str) -> MovesShown:
        """How many were new, changed, paused, woken and ended in a month, by plan.

        What fell asleep and woke by itself is in no act: with `plan` it is found by what was needed, page by page.
        """
        return subscription_views.moves(self._wired, Month.parse(month), call.query, call.now)
