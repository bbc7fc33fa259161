"""The mobile door's routes of what a customer shows, agrees to and allows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from chalicelib.customers.model import Customer, Right
from chalicelib.edge.acting_for import acting, person
from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.routes import delete, get, post, put
from chalicelib.edge.wiring import Wiring
from chalicelib.kernel.ids import new_id
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.access import limiting, limits
    from chalicelib.access.model import AccessSession
    from chalicelib.customers import consent, eligibility
    from chalicelib.kernel import requirement
else:
    limiting = lazily("chalicelib.access.limiting")
    limits = lazily("chalicelib.access.limits")
    consent = lazily("chalicelib.customers.consent")
    eligibility = lazily("chalicelib.customers.eligibility")
    requirement = lazily("chalicelib.kernel.requirement")

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ShowBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be checked, and the proof from the verifier's app.

    `requires`: identity, student, driving_licence:B, age:18, resident:FI or resident:FI-091.
    """

    requires: Text
    proof: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class ShownShape(msgspec.Struct):
    """What is known of a kind: the result, who says so, when it was checked, and until when it is good."""

    kind: str
    at_least: int | None
    licences: list[str]
    places: list[str]
    source: str
    checked_at: str
    valid_until: str


class ConsentBody(msgspec.Struct, forbid_unknown_fields=True):
    """The version that is agreed to, as a quote names it."""

    version: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class ConsentShown(msgspec.Struct):
    """A consent, or an act on it: given in a version, or withdrawn; when, and by whom.

    `known_as` is the name by which the partner of a `link` knows me again; what I have withdrawn has none.
    """

    purpose: str
    version: str
    given: bool
    at: str
    by: str
    known_as: str | None


class BudgetBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a day or a month may cost. A hard budget refuses and ends; of a soft one there is a notice."""

    amount: str
    hard: bool = True


class LimitsBody(msgspec.Struct, forbid_unknown_fields=True):
    """My limits, all of them: what is left out is not limited."""

    most_open: int | None = None
    day: BudgetBody | None = None
    month: BudgetBody | None = None


class BudgetSet(msgspec.Struct):
    """A budget, and what of it is spent.

    `passed`: that, with what runs has come to when it is set, is more than it allows already; nothing starts under it.
    """

    amount: Amount
    hard: bool
    spent: Amount
    passed: bool


class EndsShown(msgspec.Struct):
    """A session that limits end by themselves, when, and what it may come to.

    `under_way_first`: the limit is passed already; whoever is under way by then is not stopped, but arrives first.
    """

    session_id: str
    at: str
    most: Amount | None
    under_way_first: bool


class LimitsSet(msgspec.Struct):
    """My limits, how many sessions are open under them, and those that end by them."""

    most_open: int | None
    day: BudgetSet | None
    month: BudgetSet | None
    open: int
    ends: list[EndsShown] = []


def show_checked(checked: eligibility.Checked) -> ShownShape:
    """What was shown."""
    details = list(checked.details)
    lives = checked.kind is requirement.Shown.RESIDENT
    return ShownShape(
        kind=str(checked.kind),
        at_least=checked.at_least,
        licences=[] if lives else details,
        places=details if lives else [],
        source=checked.source,
        checked_at=show_instant(checked.checked_at),
        valid_until=show_instant(checked.valid_until),
    )


def show_all_checked(found: list[eligibility.Checked]) -> list[ShownShape]:
    """All that was shown."""
    return [show_checked(each) for each in found]


def show_consent(given: consent.Consent) -> ConsentShown:
    """A consent."""
    at = show_instant(given.at)
    return ConsentShown(given.purpose, given.version, given.given, at, given.by, given.known_as)


def show_consents(found: list[consent.Consent]) -> list[ConsentShown]:
    """Consents."""
    return [show_consent(each) for each in found]


def show_limits(
    now: limits.LimitsNow, spent: limits.Spent | None, running: Money, ends: list[AccessSession]
) -> LimitsSet:
    """Limits, and how they stand; without a budget nobody looks at what was spent."""
    set_to = {} if spent is None else dict(now.limits.budgets())
    budgets = {each: _budget_set(of, spent.over(each), running) for each, of in set_to.items() if spent is not None}
    of = limits.BudgetPeriod
    shown = show_ends(ends)
    return LimitsSet(now.limits.most_open, budgets.get(of.DAY), budgets.get(of.MONTH), len(now.opened), shown)


def _budget_set(budget: limits.Budget, spent: Money, running: Money) -> BudgetSet:
    passed = spent + running > budget.amount
    return BudgetSet(show_amount(budget.amount), budget.hard, show_amount(spent), passed)


def show_ends(ends: list[AccessSession]) -> list[EndsShown]:
    """What limits end, and when."""
    return [
        EndsShown(
            session_id=each.session_id,
            at=show_instant(each.stop.at),
            most=show_amount(each.agreed.bound) if each.agreed and each.agreed.bound else None,
            under_way_first=each.stop.is_eased,
        )
        for each in ends
        if each.stop is not None
    ]


def limiting_of(wired: Wiring, call: Call[Claims, Any]) -> limiting.Limiting:
    """What brings what runs under limits that are set by the call; the answer says what its worker does."""
    return limiting.Limiting(wired.ending(call.now, call.commit), wired.allowing(call.now), wired.settings.currency)


class MeDesk:
    """Each customer's own, by their own token."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _person(self, call: Call[Claims, Any]) -> Customer:
        return person(call, self._wired)

    @get("/v1/me/eligibility", shows=show_all_checked)
    def my_eligibility(self, call: Call[Claims, None]) -> list[eligibility.Checked]:
        """What I have shown: results alone, never the documents."""
        return list(self._wired.shows.all_shown(self._person(call).customer_id))

    @post("/v1/me/eligibility", takes=ShowBody, shows=show_checked, status=201)
    def show_eligibility(self, call: Call[Claims, ShowBody]) -> eligibility.Checked:
        """Have something checked that a product requires: my identity, age, licence, or that I study."""
        with pointing_at("requires"):
            required = requirement.Requirement.parse(call.body.requires)
        return eligibility.show(
            eligibility.Show(self._person(call), required, call.body.proof),
            verifier=self._wired.verifier,
            shows=self._wired.shows,
            now=call.now,
            commit=call.commit,
        )

    @get("/v1/me/consents", shows=show_consents)
    def my_consents(self, call: Call[Claims, None]) -> list[consent.Consent]:
        """What I have agreed to, and what I have withdrawn."""
        return list(self._wired.consents.consents(self._person(call).customer_id))

    @get("/v1/me/consents/{purpose}", shows=show_consents)
    def consent_history(self, call: Call[Claims, None], purpose: str) -> list[consent.Consent]:
        """Each time that I have agreed to a purpose or withdrawn it, the first one first."""
        return list(self._wired.consents.history(self._person(call).customer_id, purpose))

    @put("/v1/me/consents/{purpose}", takes=ConsentBody, shows=show_consent)
    def give_consent(self, call: Call[Claims, ConsentBody], purpose: str) -> consent.Consent:
        """Agree to a purpose, as a quote names it, in that version; or to a partner's `link`, to be known again."""
        who, version = self._person(call), call.body.version
        said = (who.customer_id, purpose, version)
        given = consent.Consent(*said, given=True, at=call.now, by=who.customer_id, account_id=who.account_id)
        name = new_id("lnk", self._wired.random_bytes)
        return consent.give(given, name, consents=self._wired.consents, commit=call.commit)

    @delete("/v1/me/consents/{purpose}", shows=show_consent)
    def withdraw_consent(self, call: Call[Claims, None], purpose: str) -> consent.Consent:
        """Agree no more; it counts from my next start on. Whom I was linked with knows me by that name no more."""
        own = self._person(call).customer_id
        return consent.withdraw(own, purpose, by=own, consents=self._wired.consents, now=call.now, commit=call.commit)

    @get("/v1/me/limits", needs=Right.READ)
    def my_limits(self, call: Call[Claims, None]) -> LimitsSet:
        """The limits that I have set, how they stand, and what runs that ends by them."""
        account_id = acting(call, self._wired).account_id
        opened = self._wired.sessions.open_of(account_id)
        nothing, ends = Money.zero(self._wired.settings.currency), limiting.limited(opened, [account_id])
        return self._shown(account_id, call, nothing, ends)

    @put("/v1/me/limits", needs=Right.MANAGE, takes=LimitsBody)
    def set_limits(self, call: Call[Claims, LimitsBody]) -> LimitsSet:
        """Limit how many sessions I may have at once, and what a day and a month may cost; in force at once.

        What runs goes on for what is left, all of it together; `ends` says until when. A budget below what is spent
        already is set, and says `passed`.
        """
        account_id, body = acting(call, self._wired).account_id, call.body
        wished = limits.Limits(body.most_open, self._budget("day", body.day), self._budget("month", body.month))
        kept = self._wired.limits
        call.commit([kept.setting(account_id, wished, call.now), kept.looking(account_id, call.now)], None)
        plan = limiting.planned(account_id, limiting=limiting_of(self._wired, call))
        return self._shown(account_id, call, plan.so_far(self._wired.settings.currency), plan.ends)

    def _shown(self, account_id: str, call: Call[Claims, Any], running: Money, ends: list[AccessSession]) -> LimitsSet:
        now = self._wired.limits.find(account_id)
        spending = self._wired.allowing(call.now).spending
        spent = spending.spent(account_id, call.now) if any(now.limits.budgets()) else None
        return show_limits(now, spent, running, ends)

    def _budget(self, period: str, body: BudgetBody | None) -> limits.Budget | None:
        if body is None:
            return None
        with pointing_at(period, "amount"):
            return limits.Budget(Money.of(body.amount, self._wired.settings.currency), body.hard)
