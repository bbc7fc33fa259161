"""Uses as documents: what a proof, or a simulation from outside, says was used."""

from collections.abc import Mapping
from datetime import date
from typing import cast

from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import format_instant
from chalicelib.rating.errors import InvalidUse
from chalicelib.rating.model import NEED_STATES, Need, NeedState, Tariff, Use, UseKind
from chalicelib.rating.reading import Faults, Fields

TariffKey = tuple[str, int]


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
    return document


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
    needs = tuple(_need(each) for each in fields.items("needs", default=()))
    texts = {name: fields.text(name, default="") for name in ("product", "category")}
    kind = cast("UseKind", fields.one_of("kind", ("session", "agreement", "order"), default="session"))
    use_id, is_open = fields.identifier("use_id"), fields.truth("open")
    quantities = fields.inside(fields.take("quantities"), "quantities")
    amounts = {name: quantities.not_negative(name) for name in quantities.values}
    evidence = _evidence(fields)
    fields.no_others()
    if faults.found or tariff is None:
        raise InvalidUse(errors=faults.found)
    day = None if last_need_on is None else date.fromisoformat(str(last_need_on))
    return Use(use_id, tariff, started_at, ended_at, is_open, amounts, evidence, needs, kind, **texts, last_need_on=day)


def _evidence(fields: Fields) -> dict[str, tuple[str, ...]]:
    shown = fields.inside(fields.take("evidence", default={}), "evidence")
    return {name: shown.texts(name) for name in shown.values}


def _need(fields: Fields) -> Need:
    state = cast("NeedState", fields.one_of("state", NEED_STATES))
    need = Need(fields.moment("start"), fields.moment("end"), state, fields.texts("evidence", default=()))
    fields.no_others()
    return need
