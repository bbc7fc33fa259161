"""What a quote shows: its price, caps, hold, terms, data card, what is asked of the customer, and their own limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.edge.amounts import Amount, Line, show_amount, show_instant, show_line

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access.allowing import Asked
    from chalicelib.access.limits import Allowance
    from chalicelib.access.quoting import GivenQuote
    from chalicelib.catalogue.details import ProductTerms
    from chalicelib.edge.words import Words
    from chalicelib.rating import Tariff


class CapShown(msgspec.Struct):
    """No more than this per period for what the prices in `over` charge together."""

    cap: str
    period: str
    amount: Amount
    over: list[str]


class TermsShown(msgspec.Struct):
    """The terms that a start accepts: an https address or the text itself, in the customer's language if there is."""

    version: str
    language: str
    text: str


class AskedShown(msgspec.Struct):
    """What a start asks of the customer: to have shown something, or to agree to a purpose in a version.

    `state` is met, missing or expired. A consent is given with PUT /v1/me/consents/{what}.
    """

    what: str
    version: str | None
    state: str


class BudgetShown(msgspec.Struct):
    """A budget of the account's: what ended sessions came to, what open ones may come to, and whether this fits.

    One that is `own` is mine as its member, and counts what I have used alone.
    """

    period: str
    amount: Amount
    hard: bool
    spent: Amount
    running: Amount
    left: Amount
    fits: bool
    product: str | None
    own: bool = False


class AllowanceShown(msgspec.Struct):
    """The customer's own limits: how many sessions may be open (null: any number), how many are, and the budgets.

    `confirm` is that they have wished to be asked before this is started, `stop_after_seconds` when it then ends.
    """

    most_open: int | None
    open: int
    budgets: list[BudgetShown]
    confirm: bool
    stop_after_seconds: int | None


class DataCardItem(msgspec.Struct):
    """What the thing will report, why, and for how many days it is kept."""

    what: str
    why: str
    kept_days: int


class Quote(msgspec.Struct):
    """A promise: tax included, valid until then, and never more than `worst_case` for a day of it.

    `hold` is what is held while the thing is out, `terms` what a start accepts, `asks` what it asks of the customer.
    It is of the product's own tariff, or, with a `subscription`, of the `fare` that this has for its members.
    `ends_at_cost` is what a hard budget leaves: what the session comes to at most before it ends by itself. Somebody
    else has it booked from `booked_from` on, where that is given.
    """

    quote: str
    quote_id: str
    product: str
    asset: str
    estimate: Amount
    worst_case: Amount
    worst_case_hours: int
    tariff_version: int
    valid_until: str
    lines: list[Line]
    data_card: list[DataCardItem]
    caps: list[CapShown]
    hold: Amount | None
    terms: TermsShown | None
    asks: list[AskedShown]
    allowance: AllowanceShown
    ends_at_cost: Amount | None
    booked_from: str | None
    fare: str | None = None
    subscription: str | None = None


def show_caps(tariff: Tariff) -> list[CapShown]:
    """The caps of a tariff."""
    return [CapShown(each.id, str(each.period), show_amount(each.amount), list(each.over)) for each in tariff.caps]


def show_terms(terms: ProductTerms | None, language: str) -> TermsShown | None:
    """The terms in that language, else in English, else in the first that there is."""
    if terms is None:
        return None
    wished = (each for each in (language, "en", *terms.texts) if each in terms.texts)
    found = next(wished)
    return TermsShown(terms.version, found, terms.texts[found])


def show_asked(asked: Asked) -> AskedShown:
    """Something that is asked."""
    return AskedShown(asked.what, asked.version, str(asked.state))


def show_allowance(allowance: Allowance) -> AllowanceShown:
    """The limits as they stand."""
    budgets = [
        BudgetShown(
            period=str(each.period),
            amount=show_amount(each.budget.amount),
            hard=each.budget.hard,
            spent=show_amount(each.spent),
            running=show_amount(each.running),
            left=show_amount(each.left),
            fits=each.fits,
            product=each.product,
            own=each.budget.own,
        )
        for each in allowance.budgets
    ]
    stop, most = allowance.stop_after, allowance.now.limits.most_open
    seconds = None if stop is None else int(stop.total_seconds())
    return AllowanceShown(most, len(allowance.now.opened), budgets, allowance.confirm, seconds)


def show_quote(given: GivenQuote, token: str, words: Words | None, language: str) -> Quote:
    """A quote with its token."""
    promise, agreed = given.promise, given.promise.agreed
    return Quote(
        quote=token,
        quote_id=promise.quote_id,
        product=given.product.name,
        asset=given.asset.asset_id,
        estimate=show_amount(promise.estimate),
        worst_case=show_amount(promise.worst_case),
        worst_case_hours=given.quoted.hours,
        tariff_version=promise.tariff_version,
        valid_until=show_instant(promise.valid_until),
        lines=[show_line(line, words) for line in given.quoted.lines],
        data_card=[DataCardItem(item.what, item.why, item.kept_days) for item in given.product.data_card],
        caps=show_caps(given.tariff),
        hold=show_amount(agreed.hold) if agreed.hold else None,
        terms=show_terms(given.product.terms, language),
        asks=[show_asked(each) for each in given.asked],
        allowance=show_allowance(given.allowance),
        ends_at_cost=show_amount(agreed.bound) if agreed.bound else None,
        booked_from=show_instant(promise.booked_from) if promise.booked_from else None,
        fare=promise.fare or None,
        subscription=str(agreed.member_fare[0]) if agreed.member_fare is not None else None,
    )
