"""Try a tariff on stated usage or on a past month of real customers. Nothing is written."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, cast

from chalicelib.billing.errors import NotAPastMonth, SimulationTooLarge
from chalicelib.billing.model import Settlement
from chalicelib.billing.ports import Used
from chalicelib.billing.statement import statement
from chalicelib.catalogue.errors import UnknownProduct, UnknownTariff
from chalicelib.catalogue.model import Product
from chalicelib.catalogue.ports import Catalogue
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.money import Money
from chalicelib.kernel.text import canonical
from chalicelib.kernel.time import Month
from chalicelib.rating import InvalidTariff, Tariff, tariff_document, tariff_from_document
from chalicelib.rating.reading import Faults, Fields
from chalicelib.rating.simulation import Heard, Past, Simulated, Summary, hearing, simulate

MOST_USES = 2_000
"""Stated uses in one call; also, a page of a month ends with the account that brings it to so many."""
MOST_WORK = 15_000_000
"""A tariff's bytes times the uses that it is tried on and their days: what one call computes."""
MOST_TARIFF_BYTES = 64 * 1024
MOST_FAULTS = 100
_DRAFT = "draft"
_DAY = timedelta(days=1)


class Settled(Protocol):
    """What simulating needs of `Billed`."""

    def settlements(self, account_id: str) -> Sequence[Settlement]:
        """All of an account's, by month."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out: each customer, their sums, what the usage is silent about, and after which account to go on."""

    tariff: Tariff
    customers: tuple[Simulated, ...]
    summary: Summary
    heard: Heard
    last: str | None = None


def tariff_to_try(document: object, at: str, owner: str | None, zone: str, *, catalogue: Catalogue) -> Tariff:
    """The tariff that a document states whole, or one of the published versions, to which it refers.

    Any rule that rating knows may be tried, published or not. Each fault has its JSON pointer below `at`. An `owner`
    refers to products of its own; where it is None the reference names the partner. A fare is named by `fare`.
    """
    faults = Faults()
    fields = Fields.of(document, at, faults)
    if not faults.found and "product_id" not in fields.values:
        return _stated(fields, at, zone)
    partner_id = fields.identifier("partner_id") if owner is None else owner
    product_id, version = fields.identifier("product_id"), fields.whole("version")
    fare = fields.identifier("fare") if "fare" in fields.values else ""
    fields.no_others()
    if faults.found:
        raise InvalidTariff(errors=faults.found)
    known_product(partner_id, product_id, at, catalogue=catalogue)
    tariff = catalogue.tariff(partner_id, product_id, version, fare)
    if tariff is None:
        raise UnknownTariff(product_id=product_id, version=version, pointer=f"{at}/version")
    return tariff


def _stated(fields: Fields, at: str, zone: str) -> Tariff:
    if len(json.dumps(fields.values)) > MOST_TARIFF_BYTES:
        raise SimulationTooLarge(most_bytes=MOST_TARIFF_BYTES, pointer=at)
    try:
        return tariff_from_document({"zone": zone, **fields.values, "tariff_id": _DRAFT, "version": 1})
    except InvalidTariff as refused:
        faults = cast("list[dict[str, str]]", refused.facts["errors"])[:MOST_FAULTS]
        errors = [{**each, "pointer": at + each["pointer"]} for each in faults]
        raise InvalidTariff(errors=errors) from refused


def known_product(partner_id: str, product_id: str, at: str, *, catalogue: Catalogue) -> Product:
    """The product; another partner's is unknown."""
    product = catalogue.product(partner_id, product_id)
    if product is None:
        raise UnknownProduct(product_id=product_id, pointer=f"{at}/product_id")
    return product


def check_currency(tariff: Tariff, currency: str, at: str, reason: str) -> None:
    """Money never mixes: a tariff in another currency is refused."""
    if tariff.currency != currency:
        raise InvalidTariff(errors=[{"pointer": f"{at}/currency", "reason": f"{reason} {currency}"}])


def try_on_usage(customers: Sequence[Past], tariff: Tariff, *, compare: bool) -> Trial:
    """Try the tariff on stated usage; each customer is compared with what was billed, or with the uses' own tariff."""
    uses = [use for past in customers for use in past.uses]
    if len(uses) > MOST_USES:
        raise SimulationTooLarge(most_uses=MOST_USES)
    days = sum(1 + (use.ended_at - use.started_at) // _DAY for use in uses)
    for each in {id(each): each for each in (tariff, *(use.tariff for use in uses))}.values():
        _check_work(each, days)
    heard, summary = Heard(tariff), Summary(tariff.currency)
    found = []
    for simulated in simulate(hearing(customers, heard), tariff, compare=compare):
        summary.add(simulated)
        found.append(simulated)
    return Trial(tariff, tuple(found), summary, heard)


def _check_work(tariff: Tariff, times: int) -> None:
    if len(canonical(tariff_document(tariff))) * times > MOST_WORK:
        raise SimulationTooLarge(most=MOST_WORK, counted="bytes of the tariff times uses and their days")


@dataclass(frozen=True, slots=True)
class PastMonth:
    """A month that is over, and the product whose uses count, by the id of its tariffs."""

    month: Month
    tariff_id: str
    currency: str
    used: Used
    billed: Settled
    now: datetime

    def check_over(self, zone: str) -> None:
        """A month that goes on would be billed otherwise in the end."""
        if self.month.interval(zone).end > self.now:
            raise NotAPastMonth(month=str(self.month), pointer="/month")

    def of(self, account_id: str) -> Past | None:
        """The account's month, its uses of the product, and what was billed for them; None without any."""
        found = self.used.month(account_id, self.month, self.now)
        tried = frozenset(use.use_id for use in found.uses if use.tariff.settled_as == self.tariff_id)
        mine = found.own & tried
        if not mine:
            return None
        known = self.billed.settlements(account_id)
        settled = any(each.month == self.month for each in known)
        minor = took(known, self.month, self.tariff_id) if settled else self._stated(account_id)
        return Past(account_id, found.uses, Money(minor, self.currency), mine, settled, tried, found.terms)

    def _stated(self, account_id: str) -> int:
        """What is not settled yet, as for a parked account, is compared with what the statement says."""
        stated = statement(account_id, self.month, self.currency, used=self.used, now=self.now)
        return stated.by_product.get(self.tariff_id, 0)


def took(settlements: Iterable[Settlement], month: Month, tariff_id: str) -> int:
    """What settlements have taken for a month's use of a product, later corrections included. Minor units."""
    adjusted = sum(each.adjusted.get(str(month), {}).get(tariff_id, 0) for each in settlements)
    return adjusted + sum(each.charges.get(tariff_id, 0) for each in settlements if each.month == month)


def try_on_month(
    past: PastMonth, accounts: Sequence[str], tariff: Tariff, *, named: Callable[[str], str], with_lines: bool
) -> Trial:
    """Try the tariff on a page of accounts, one after the other, under the names that the caller may see."""
    _check_work(tariff, MOST_USES)
    heard, summary = Heard(tariff), Summary(tariff.currency)
    found: list[Simulated] = []
    uses, last = 0, None
    for account_id in accounts:
        for simulated in simulate(hearing(_only(past.of(account_id)), heard), tariff):
            shown = replace(simulated, customer=named(account_id), lines=simulated.lines if with_lines else ())
            summary.add(shown)
            found.append(shown)
            uses += shown.uses
        last = account_id
        if uses >= MOST_USES:
            break
    return Trial(tariff, tuple(found), summary, heard, last)


def _only(past: Past | None) -> Iterator[Past]:
    if past is not None:
        yield past


def refuse_if_any(faults: Faults, refusal: type[Invalid]) -> None:
    """One refusal with all faults; of very many, the first."""
    if faults.found:
        raise refusal(errors=faults.found[:MOST_FAULTS])
