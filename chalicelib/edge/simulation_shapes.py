"""The shapes in which a tariff to be tried is asked for, and shown what it would have cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.edge.amounts import Amount, Line, show_amount, show_line
from chalicelib.edge.call import read_body
from chalicelib.edge.tariff_prices import DecimalText, Identifier, Price, Whole
from chalicelib.edge.tariffs import Instant, TariffAllowance, TariffCap, TariffMeter, TariffMinimum, TariffRegret

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.edge.simulations import Tried
    from chalicelib.kernel.money import Money
    from chalicelib.rating import RatedLine
    from chalicelib.rating.simulation import Simulated

MOST_BYTES = 1024 * 1024
MOST_LINE_BYTES = 3 * 1024 * 1024
"""Of rated lines in an answer: Lambda's own is at most 6 MB. What is left out is counted."""
NeedState = Literal["in_use", "kept", "released", "faulty", "grace"]
_ONE_OF_TWO = {"oneOf": [{"required": ["prices"]}, {"required": ["product_id", "version"]}]}


class TariffTried(msgspec.Struct, kw_only=True):
    """Rules as in publishing, or `product_id` and `version` of a tariff that is published, perhaps of a `fare`.

    Any rule that rating knows can be tried, also those by which sessions cannot be charged yet.
    """

    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] | UnsetType = UNSET
    tax_inclusive: bool | UnsetType = UNSET
    prices: list[Price] | UnsetType = UNSET
    meters: list[TariffMeter] | UnsetType = UNSET
    caps: list[TariffCap] | UnsetType = UNSET
    zone: str | UnsetType | None = UNSET
    minimums: list[TariffMinimum] | UnsetType = UNSET
    allowances: list[TariffAllowance] | UnsetType = UNSET
    regret: TariffRegret | UnsetType | None = UNSET
    valid_from: Instant | UnsetType | None = UNSET
    valid_until: Instant | UnsetType | None = UNSET
    product_id: Identifier | UnsetType = UNSET
    version: Whole | UnsetType = UNSET
    fare: Identifier | UnsetType = UNSET


class AnyTariffTried(TariffTried, kw_only=True):
    """The same; a published tariff is named with its partner."""

    partner_id: Identifier | UnsetType = UNSET


class StatedEvent(msgspec.Struct):
    """A value of a meter; values of one meter are added up within the use."""

    id: Identifier
    meter: Identifier
    value: DecimalText
    time: Instant


class StatedNeed(msgspec.Struct):
    """A stretch of the use and what it was; stretches follow one another."""

    state: NeedState
    start: Instant
    end: Instant
    evidence: list[str] | UnsetType = UNSET


class StatedUse(msgspec.Struct):
    """A use in quantities by meter, in events, in need intervals, or in several of these."""

    started_at: Instant
    ended_at: Instant
    use_id: Identifier | UnsetType = UNSET
    kind: Literal["session", "agreement"] = "session"
    quantities: dict[str, DecimalText] | UnsetType = UNSET
    events: list[StatedEvent] | UnsetType = UNSET
    needs: list[StatedNeed] | UnsetType = UNSET
    last_need_on: Annotated[str, msgspec.Meta(extra_json_schema={"format": "date"})] | UnsetType = UNSET


class StatedCustomer(msgspec.Struct):
    """A customer's uses, and what was billed for them."""

    uses: list[StatedUse]
    customer: Identifier | UnsetType = UNSET
    billed: Amount | UnsetType = UNSET


class SimulationBody(msgspec.Struct, kw_only=True):
    """A tariff, and what it is tried on: `customers` with their usage, or a `month` and `product_id` of real ones.

    Stated usage is compared with what each customer says was billed, else with the tariff `now`, else with nothing. A
    month comes in pages of accounts: `limit` of them, `after` the `next` of the page before.
    """

    tariff: Annotated[TariffTried, msgspec.Meta(extra_json_schema=_ONE_OF_TWO)]
    customers: list[StatedCustomer] | UnsetType = UNSET
    now: Annotated[TariffTried, msgspec.Meta(extra_json_schema=_ONE_OF_TWO)] | UnsetType = UNSET
    month: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")] | UnsetType = UNSET
    product_id: Identifier | UnsetType = UNSET
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] | UnsetType = UNSET
    after: Annotated[str, msgspec.Meta(min_length=1, max_length=300)] | UnsetType = UNSET
    lines: bool | UnsetType = UNSET


class AnySimulationBody(SimulationBody, kw_only=True):
    """The same for any partner's products, which are named with their partner."""

    tariff: Annotated[AnyTariffTried, msgspec.Meta(extra_json_schema=_ONE_OF_TWO)]
    now: Annotated[AnyTariffTried, msgspec.Meta(extra_json_schema=_ONE_OF_TWO)] | UnsetType = UNSET
    partner_id: Identifier | UnsetType = UNSET


class TriedLine(Line, kw_only=True):
    """A rated line and the use that it is for."""

    use_id: str


class TriedCustomer(msgspec.Struct):
    """What a customer was billed, and what it would have been. `difference` is below zero for who gains.

    `settled` tells, for a month, whether `billed` is what the settlements took, or what the statement says so far.
    """

    customer: str
    uses: int
    would_be: Amount
    billed: Amount | None
    difference: Amount | None
    settled: bool | None
    lines: list[TriedLine]


class Change(msgspec.Struct):
    """By how much a customer's bill would have been lower (of gains) or higher (of losses)."""

    customer: str
    amount: Amount


class TriedSummary(msgspec.Struct):
    """All customers of the answer together, and what the usage cannot tell."""

    customers: int
    billed: Amount | None
    would_be: Amount
    difference: Amount | None
    winners: int
    losers: int
    unchanged: int
    not_settled: int
    largest_gains: list[Change]
    largest_losses: list[Change]
    meters_not_used: list[str]
    prices_not_tried: list[str]


class SimulationShown(msgspec.Struct):
    """What a tariff would have cost. `next` is the `after` of the next page of a month, or null at the end."""

    customers: list[TriedCustomer]
    summary: TriedSummary
    lines_left_out: int
    next: str | None


def read_simulation(raw: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """A JSON object; its members are read where they are known, so that each fault has its place."""
    return read_body(raw, headers.get("content-type", "application/json"), dict[str, Any], MOST_BYTES)


def show_simulation(tried: Tried) -> SimulationShown:
    """What came out."""
    left = _Room(MOST_LINE_BYTES)
    customers = [_show_customer(each, tried, left) for each in tried.trial.customers]
    return SimulationShown(customers, _show_summary(tried), left.left_out, tried.next)


class _Room:
    """What is left of the room for lines."""

    def __init__(self, most_bytes: int) -> None:
        self.bytes = most_bytes
        self.left_out = 0

    def takes(self, line: TriedLine) -> bool:
        """Whether the line fits; the first that does not fit ends it."""
        self.bytes -= len(msgspec.json.encode(line))
        return self.bytes >= 0


def _show_customer(simulated: Simulated, tried: Tried, room: _Room) -> TriedCustomer:
    return TriedCustomer(
        customer=simulated.customer,
        uses=simulated.uses,
        would_be=show_amount(simulated.would_be),
        billed=_amount(simulated.billed),
        difference=_amount(simulated.difference),
        settled=simulated.settled if tried.of_month else None,
        lines=_show_lines(simulated.lines, room, named=tried.named_uses) if tried.with_lines else [],
    )


def _show_lines(lines: Sequence[RatedLine], room: _Room, *, named: bool) -> list[TriedLine]:
    """As many as there is room for."""
    names: dict[str, str] = {}
    found: list[TriedLine] = []
    for line in lines:
        shown = TriedLine(use_id=line.use_id, **msgspec.structs.asdict(show_line(line)))
        if not named:
            shown = _unnamed(shown, names.setdefault(line.use_id, f"use-{len(names) + 1}"))
        if not room.takes(shown):
            room.left_out += len(lines) - len(found)
            break
        found.append(shown)
    return found


def _unnamed(line: TriedLine, name: str) -> TriedLine:
    """For who must not learn whose sessions these are, nor what else was used: a number for the id, no evidence."""
    told = {} if line.kind == "reduction" else line.facts
    facts = {key: name if value == line.use_id else value for key, value in told.items()}
    return msgspec.structs.replace(line, use_id=name, facts=facts, evidence=[])


def _show_summary(tried: Tried) -> TriedSummary:
    summary, heard = tried.trial.summary, tried.trial.heard
    compared = tried.of_month or summary.compared > 0
    return TriedSummary(
        customers=summary.customers,
        billed=show_amount(summary.billed) if compared else None,
        would_be=show_amount(summary.would_be),
        difference=show_amount(summary.would_be - summary.billed) if compared else None,
        winners=summary.winners,
        losers=summary.losers,
        unchanged=summary.unchanged,
        not_settled=summary.not_settled,
        largest_gains=[Change(name, show_amount(amount)) for name, amount in summary.largest_gains],
        largest_losses=[Change(name, show_amount(amount)) for name, amount in summary.largest_losses],
        meters_not_used=list(heard.meters_not_used),
        prices_not_tried=list(heard.prices_not_tried),
    )


def _amount(money: Money | None) -> Amount | None:
    return None if money is None else show_amount(money)
