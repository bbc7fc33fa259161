"""Uses as documents: what a proof, or a simulation from outside, says was used."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import cast

from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import NotAnInstant, format_instant, parse_instant
from chalicelib.rating.errors import InvalidUse
from chalicelib.rating.fault_credit import CREDITS_OF, CreditOf, FaultCredit
from chalicelib.rating.held import Held, Stretch
from chalicelib.rating.model import NEED_STATES, Need, NeedState, Tariff, Use, UseKind
from chalicelib.rating.reading import Faults, Fields
from chalicelib.rating.sharing import Part

TariffKey = tuple[str, int]
_WHOLE = 100


def use_document(use: Use) -> dict[str, object]:
    """The use as JSON-ready values; its tariff by id and version."""
    document: dict[str, object] = {
        "use_id": use.use_id,
        "kind": use.kind,
        "tariff_id": use.tariff.tariff_id,
        "version": use.tariff.version,
        "started_at": format_instant(use.started_at),
        "ended_at": format_instant(use.ended_at),
        "open": use.open,
        "product": use.product,
        "category": use.category,
        "quantities": {name: plain(amount) for name, amount in use.quantities.items()},
        "evidence": {name: list(ids) for name, ids in use.evidence.items()},
        "needs": [_need_document(need) for need in use.needs],
    }
    if use.last_need_on is not None:
        document["last_need_on"] = use.last_need_on.isoformat()
    if use.part is not None:
        document["part"] = {
            "number": use.part.number,
            "weights": list(use.part.weights),
            "limits": list(use.part.limits),
        }
    if use.held is not None:
        document["held"] = {
            "agreement": use.held.agreement,
            "stretches": [[format_instant(start), format_instant(end)] for start, end in use.held.stretches],
            "seats": use.held.seats,
            **({"fares": list(use.held.fares)} if use.held.fares else {}),
        }
    if use.fault_credit is not None:
        document["fault_credit"] = _credit_document(use.fault_credit)
    return document


def _credit_document(credit: FaultCredit) -> dict[str, object]:
    return {"of": credit.of, "percent": credit.percent, "evidence": list(credit.evidence)}


def _need_document(need: Need) -> dict[str, object]:
    return {
        "start": format_instant(need.start),
        "end": format_instant(need.end),
        "state": need.state,
        "evidence": list(need.evidence),
    }


def use_from_document(document: object, tariffs: Mapping[TariffKey, Tariff]) -> Use:
    """Read a use. `InvalidUse` names all faults, each with its JSON pointer."""
    faults = Faults()
    fields = Fields.of(document, "", faults)
    tariff = tariffs.get((fields.text("tariff_id"), fields.whole("version")))
    if tariff is None:
        fields.fault("tariff_id", "unknown_tariff")
    started_at, ended_at = fields.moment("started_at"), fields.moment("ended_at")
    last_need_on = fields.take("last_need_on", default=None)
    part = _part(fields)
    needs = tuple(_need(each) for each in fields.items("needs", default=()))
    texts = {name: fields.text(name, default="") for name in ("product", "category")}
    kind = cast("UseKind", fields.one_of("kind", ("session", "agreement", "order"), default="session"))
    use_id, is_open = fields.identifier("use_id"), fields.truth("open")
    quantities = fields.inside(fields.take("quantities"), "quantities")
    amounts = {name: quantities.not_negative(name) for name in quantities.values}
    evidence = _evidence(fields)
    given = fields.take("fault_credit", default=None)
    credit = None if given is None else _credit(fields.inside(given, "fault_credit"))
    stated = fields.take("held", default=None)
    held = None if stated is None else _held(fields.inside(stated, "held"))
    fields.no_others()
    if faults.found or tariff is None:
        raise InvalidUse(errors=faults.found)
    day = None if last_need_on is None else date.fromisoformat(str(last_need_on))
    use = Use(
        use_id,
        tariff,
        started_at,
        ended_at,
        is_open,
        amounts,
        evidence,
        needs,
        kind,
        texts["product"],
        texts["category"],
        last_need_on=day,
        fault_credit=credit,
        held=held,
    )
    return use if part is None else replace(use, part=part)


def _held(fields: Fields) -> Held:
    """What was in force of an agreement; a stretch is two instants."""
    agreement, seats, fares = fields.text("agreement"), fields.whole("seats"), fields.texts("fares", default=())
    given = fields.take("stretches")
    fields.no_others()
    rows = cast("list[object]", given) if isinstance(given, list) else [given]
    stretches = []
    for row in rows:
        try:
            start, end = cast("list[str]", row)
            stretches.append(Stretch(parse_instant(start), parse_instant(end)))
        except (NotAnInstant, TypeError, ValueError):
            fields.fault("stretches", "not_two_instants_each")
    return Held(agreement, tuple(stretches), seats, fares)


def _part(fields: Fields) -> Part | None:
    """Whose part of a shared use it is; what is not whole numbers is a fault."""
    given = fields.take("part", default=None)
    if given is None:
        return None
    part = fields.inside(given, "part")
    number = part.take("number")
    weights, limits = (_listed(part.take(name)) for name in ("weights", "limits"))
    part.no_others()
    numbers = [number, *weights, *(each for each in limits if each is not None)]
    if any(type(each) is not int for each in numbers):
        part.fault("number", "not_whole_numbers")
        return None
    return Part(cast("int", number), cast("tuple[int, ...]", weights), cast("tuple[int | None, ...]", limits))


def _listed(given: object) -> tuple[object, ...]:
    """A list's members; what is no list is one that is no number."""
    return tuple(given) if isinstance(given, list) else ("",)


def _credit(fields: Fields) -> FaultCredit:
    credit = FaultCredit(
        of=cast("CreditOf", fields.one_of("of", CREDITS_OF)),
        percent=fields.whole("percent"),
        evidence=fields.texts("evidence", default=()),
    )
    if not 0 < credit.percent <= _WHOLE:
        fields.fault("percent", "out_of_range")
    fields.no_others()
    return credit


def _evidence(fields: Fields) -> dict[str, tuple[str, ...]]:
    shown = fields.inside(fields.take("evidence", default={}), "evidence")
    return {name: shown.texts(name) for name in shown.values}


def _need(fields: Fields) -> Need:
    state = cast("NeedState", fields.one_of("state", NEED_STATES))
    need = Need(fields.moment("start"), fields.moment("end"), state, fields.texts("evidence", default=()))
    fields.no_others()
    return need
