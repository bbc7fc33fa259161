"""Reads what a tariff is to be tried on, and has it tried, for a partner or for staff."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing import simulating
from chalicelib.billing.simulating import PastMonth, Trial, tariff_to_try
from chalicelib.edge.call import pointing_at
from chalicelib.edge.pseudonyms import Pseudonyms
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.edge.wiring import Wiring
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.rating import InvalidUse, Tariff, Use
from chalicelib.rating.reading import Faults, Fields
from chalicelib.rating.simulation import Past
from chalicelib.rating.stated_use import stated_use

MOST_ACCOUNTS = 100
USUAL_ACCOUNTS = 25
_MOST_CURSOR = 300


@dataclass(frozen=True, slots=True)
class Tried:
    """What came out, and how much is shown: `named_uses` says that uses and evidence go by their own ids."""

    trial: Trial
    of_month: bool
    named_uses: bool = True
    with_lines: bool = True
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """For whom a tariff is tried: a partner, on its own products only, or staff (`owner` is None)."""

    owner: str | None
    wired: Wiring
    now: datetime

    def simulate(self, body: Mapping[str, object]) -> Tried:
        """Try the body's tariff on its usage, or on its month."""
        fields = Fields(body, "", Faults())
        return self._on_month(fields) if "month" in body else self._on_usage(fields)

    def _on_usage(self, fields: Fields) -> Tried:
        document, now = fields.take("tariff"), fields.take("now", default=None)
        with_lines = _truth(fields, "lines", usual=True)
        stated = fields.items("customers")
        fields.no_others()
        _refuse_first(fields)
        tariff = self._tariff(document, "/tariff", self.wired.settings.zone)
        own = tariff if now is None else self._tariff(now, "/now", self.wired.settings.zone)
        simulating.check_currency(own, tariff.currency, "/now", "the other tariff is in")
        customers = _customers(stated, own)
        compare = now is not None or any(each.billed for each in customers)
        if compare and now is None:
            for place, past in zip(stated, customers, strict=True):
                if past.billed is None:
                    place.fault("billed", "missing_while_others_have_it")
        fields.unique("customers", (each.customer for each in customers), "customer")
        simulating.refuse_if_any(fields.faults, InvalidUse)
        trial = simulating.try_on_usage(customers, tariff, compare=compare)
        return Tried(trial, of_month=False, with_lines=with_lines)

    def _on_month(self, fields: Fields) -> Tried:
        document, text = fields.take("tariff"), fields.text("month")
        partner_id = fields.identifier("partner_id") if self.owner is None else self.owner
        product_id = fields.identifier("product_id")
        limit, after = _limit(fields), _after(fields)
        with_lines = _truth(fields, "lines", usual=False)
        fields.no_others()
        _refuse_first(fields)
        with pointing_at("month"):
            month = Month.parse(text)
        wired, catalogue = self.wired, self.wired.catalogue
        product = simulating.known_product(partner_id, product_id, "", catalogue=catalogue)
        currency = wired.settings.currency
        past = PastMonth(month, product.tariff_id, currency, wired.used, wired.billed, self.now)
        past.check_over(wired.settings.zone)
        tariff = self._tariff(document, "/tariff", product.zone)
        simulating.check_currency(tariff, currency, "/tariff", "accounts settle in")
        names = Pseudonyms(wired.settings.pepper, self.owner, month) if self.owner else None
        behind = names.account(after) if names and after else after
        accounts = wired.sessions.active_accounts_after(month, limit=limit, after=behind)
        named = names.of if names else str
        trial = simulating.try_on_month(past, accounts, tariff, named=named, with_lines=with_lines)
        last = _goes_on_after(trial, accounts, limit)
        following = names.cursor(last) if names and last else last
        return Tried(trial, of_month=True, named_uses=names is None, with_lines=with_lines, next=following)

    def _tariff(self, document: object, at: str, zone: str) -> Tariff:
        return tariff_to_try(document, at, self.owner, zone, catalogue=self.wired.catalogue)


def _goes_on_after(trial: Trial, accounts: Sequence[str], limit: int) -> str | None:
    """The last account of the page, if more may follow it."""
    return trial.last if len(accounts) == limit or (accounts and trial.last != accounts[-1]) else None


def _refuse_first(fields: Fields) -> None:
    if fields.faults.found:
        raise BodyInvalid(**fields.faults.found[0])


def _truth(fields: Fields, name: str, *, usual: bool) -> bool:
    return fields.truth(name) if name in fields.values else usual


def _limit(fields: Fields) -> int:
    value = fields.take("limit", default=USUAL_ACCOUNTS)
    if type(value) is int and 1 <= value <= MOST_ACCOUNTS:
        return value
    return fields.wrong("limit", value, f"not_between_1_and_{MOST_ACCOUNTS}", 1)


def _after(fields: Fields) -> str | None:
    value = fields.take("after", default=None)
    if value is None or (isinstance(value, str) and 0 < len(value) <= _MOST_CURSOR):
        return value
    return fields.wrong("after", value, "not_the_next_of_a_page", None)


def _customers(stated: Sequence[Fields], tariff: Tariff) -> list[Past]:
    return [_customer(fields, number, tariff) for number, fields in enumerate(stated, start=1)]


def _customer(fields: Fields, number: int, tariff: Tariff) -> Past:
    name = fields.identifier("customer") if "customer" in fields.values else f"customer-{number}"
    uses: list[Use] = []
    ids: list[str] = []
    for count, each in enumerate(fields.items("uses"), start=1):
        use = stated_use(each, tariff, f"use-{count}")
        ids.append(use.use_id if use else "")
        uses += [use] if use else []
    fields.unique("uses", ids, "use_id")
    billed = _billed(fields, tariff.currency) if fields.take("billed", default=None) is not None else None
    fields.no_others()
    return Past(name, uses, billed)


def _billed(fields: Fields, currency: str) -> Money | None:
    """What was billed, in the tariff's currency: money never mixes."""
    inner = fields.inside(fields.take("billed"), "billed")
    amount, stated = inner.not_negative("amount"), inner.text("currency")
    inner.no_others()
    if stated != currency:
        return inner.wrong("currency", stated, f"the_tariff_is_in {currency}", None)
    try:
        return Money.of(amount, currency)
    except Refusal:
        return inner.wrong("amount", amount, "finer_than_the_minor_unit", None)
