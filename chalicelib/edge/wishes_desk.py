"""The mobile door's routes of my wishes: budgets of products, a stop for whatever I start, quiet hours, languages."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from chalicelib.customers.model import Right
from chalicelib.edge.acting_for import acting
from chalicelib.edge.amounts import Amount, show_amount
from chalicelib.edge.call import Call, pointing_at
from chalicelib.edge.lazily import lazily
from chalicelib.edge.me_desk import BudgetBody
from chalicelib.edge.oidc import Claims
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.edge.routes import get, put
from chalicelib.kernel.languages import CODES, LANGUAGES
from chalicelib.kernel.money import Money

if TYPE_CHECKING:
    from chalicelib.access import limits, wishes
    from chalicelib.customers.model import Customer
    from chalicelib.edge.wiring import Wiring
else:
    limits = lazily("chalicelib.access.limits")
    wishes = lazily("chalicelib.access.wishes")

_MINUTES_MOST = 100_000
Clock = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Product = Annotated[str, msgspec.Meta(min_length=3, max_length=140)]
Language = Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")]


class ProductBudgetBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a product may cost on a day and in a month."""

    day: BudgetBody | None = None
    month: BudgetBody | None = None


class QuietBody(msgspec.Struct, forbid_unknown_fields=True):
    """From when until when, each day, in the operator's time zone; it may pass midnight."""

    since: Clock
    until: Clock


class WishesBody(msgspec.Struct, forbid_unknown_fields=True):
    """My wishes, all of them: what is left out is not wished. `without_asking` null: whatever it is."""

    budgets: dict[str, ProductBudgetBody] = {}
    stop_after_minutes: Annotated[int, msgspec.Meta(ge=1, le=_MINUTES_MOST)] | None = None
    without_asking: Annotated[list[Product], msgspec.Meta(max_length=50)] | None = None
    quiet: QuietBody | None = None
    languages: Annotated[list[Language], msgspec.Meta(max_length=8)] = []


class ProductBudgetShown(msgspec.Struct):
    """A budget of a product, what of it is spent and what is left. `passed`: more is spent than it allows already."""

    product: str
    period: str
    amount: Amount
    hard: bool
    spent: Amount
    left: Amount
    passed: bool


class WishesShown(msgspec.Struct):
    """My wishes, and how the budgets stand."""

    budgets: list[ProductBudgetShown]
    stop_after_minutes: int | None
    without_asking: list[str] | None
    quiet: QuietBody | None
    languages: list[str]


class WishesDesk:
    """Everybody's own, by their own token; in force in the same call."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _customer(self, call: Call[Claims, Any]) -> Customer:
        return acting(call, self._wired)

    @get("/v1/me/wishes", needs=Right.READ)
    def my_wishes(self, call: Call[Claims, None]) -> WishesShown:
        """What I wish of whatever is started in my name, and how my budgets stand."""
        account_id = self._customer(call).account_id
        return self._shown(account_id, self._wired.wishes.find(account_id), call)

    @put("/v1/me/wishes", needs=Right.MANAGE, takes=WishesBody)
    def set_wishes(self, call: Call[Claims, WishesBody]) -> WishesShown:
        """Wish: in force from this answer on. A budget below what is spent already is set, and says `passed`."""
        customer, body = self._customer(call), call.body
        wished = wishes.Wishes(
            budgets={product: self._budget(product, each) for product, each in body.budgets.items()},
            stop_after=None if body.stop_after_minutes is None else timedelta(minutes=body.stop_after_minutes),
            without_asking=None if body.without_asking is None else frozenset(body.without_asking),
            quiet=_quiet(body.quiet),
            languages=_languages(body.languages),
        )
        writes = [*self._wired.wishes.setting(customer.account_id, wished)]
        if wished.languages:
            best = next((each for each in wished.languages if each in LANGUAGES), wished.languages[0])
            writes.append(self._wired.speaking.speaking(call.caller.subject, best))
        call.commit(writes, None)
        return self._shown(customer.account_id, wished, call)

    def _budget(self, product: str, body: ProductBudgetBody) -> wishes.ProductBudget:
        def read(period: str, given: BudgetBody | None) -> limits.Budget | None:
            if given is None:
                return None
            with pointing_at("budgets", product, period, "amount"):
                return limits.Budget(Money.of(given.amount, self._wired.settings.currency), given.hard)

        return wishes.ProductBudget(read("day", body.day), read("month", body.month))

    def _shown(self, account_id: str, wished: wishes.Wishes, call: Call[Claims, Any]) -> WishesShown:
        nothing = Money.zero(self._wired.settings.currency)
        rows: list[ProductBudgetShown] = []
        for product in sorted(wished.budgets):
            spent = self._wired.spent_on_products.spent_on(account_id, product, call.now)
            rows += map(_show, wishes.judged_of(product, wished, spent, nothing, nothing))
        stop, quiet, asking = wished.stop_after, wished.quiet, wished.without_asking
        return WishesShown(
            budgets=rows,
            stop_after_minutes=None if stop is None else int(stop.total_seconds()) // 60,
            without_asking=None if asking is None else sorted(asking),
            quiet=QuietBody(f"{quiet.since:%H:%M}", f"{quiet.until:%H:%M}") if quiet else None,
            languages=list(wished.languages),
        )


def _show(each: limits.BudgetNow) -> ProductBudgetShown:
    return ProductBudgetShown(
        product=each.product or "",
        period=str(each.period),
        amount=show_amount(each.budget.amount),
        hard=each.budget.hard,
        spent=show_amount(each.spent),
        left=show_amount(each.left),
        passed=each.spent.minor > each.budget.amount.minor,
    )


def _quiet(body: QuietBody | None) -> wishes.Quiet | None:
    if body is None:
        return None
    since, until = (time.fromisoformat(each) for each in (body.since, body.until))
    return wishes.Quiet(since, until)


def _languages(given: list[str]) -> tuple[str, ...]:
    unknown = next((index for index, each in enumerate(given) if each not in CODES), None)
    if unknown is not None:
        raise BodyInvalid(pointer=f"/languages/{unknown}", reason="a code of ISO 639-1")
    return tuple(dict.fromkeys(given))
