"""Sealed charge records as items, with the session and the need that they are about."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from chalicelib.access.acts import Act
from chalicelib.access.model import AccessSession, ChargeRecord, Need, NeedInterval, NeedPolicy, NeedState, State
from chalicelib.access.parts import Move, Part
from chalicelib.access.records import ChargeItem
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Interval, format_instant, parse_instant


def charged_key(charged_at: datetime, session_id: str = "", revision: int | None = None) -> str:
    """Sorts an account's charge records by when they are charged, then session, then revision."""
    key = f"charged#{format_instant(charged_at)}"
    return key if revision is None else f"{key}#{session_id}#{revision:04d}"


def charge_item(record: ChargeRecord) -> ChargeItem:
    """The item of a charge record."""
    return ChargeItem(
        pk=f"account#{record.session.account_id}",
        sk=charged_key(record.charged_at, record.session.session_id, record.revision),
        session=_session_document(record.session),
        need=_need_document(record.need),
        lines=[dict(line) for line in record.lines],
        currency=record.currency,
        sealed_at=record.sealed_at,
        revision=record.revision,
    )


def charge_of(item: ChargeItem) -> ChargeRecord:
    """The charge record of an item."""
    return ChargeRecord(
        session=_session_from(item.session),
        need=_need_from(item.need),
        lines=tuple(item.lines),
        currency=item.currency,
        sealed_at=item.sealed_at,
        revision=int(item.revision),
    )


def newest_in(records: Iterable[ChargeRecord], charged: Interval) -> list[ChargeRecord]:
    """Of records in order, each session's last revision that belongs to the interval."""
    newest = {each.session.session_id: each for each in records if charged.holds(each.charged_at)}
    return list(newest.values())


def _session_document(session: AccessSession) -> dict[str, object]:
    return {
        "session_id": session.session_id,
        "account_id": session.account_id,
        "customer_id": session.customer_id,
        "partner_id": session.partner_id,
        "product_id": session.product_id,
        "asset_id": session.asset_id,
        "tariff_version": session.tariff_version,
        "quote_id": session.quote_id,
        "started_at": format_instant(session.started_at),
        "ended_at": format_instant(session.ended_at or session.started_at),
        "meters": dict(session.meters),
        **({} if session.policy == NeedPolicy() else {"policy": session.policy.document()}),
        **({"acts": [act.row() for act in session.acts]} if session.acts else {}),
        **({"cuts": [format_instant(each) for each in session.cuts]} if session.cuts else {}),
        **({"parts": [part.document() for part in session.parts]} if session.parts else {}),
        **({"moves": [move.row() for move in session.moves]} if session.moves else {}),
        **({"ended_by": session.ended_by} if session.ended_by else {}),
        **({} if session.state is State.ENDED else {"state": str(session.state)}),
        **({"booking_id": session.booking_id} if session.booking_id else {}),
        **({"fare": session.fare} if session.fare else {}),
    }


def _session_from(document: dict[str, Any]) -> AccessSession:
    parsed: dict[str, Any] = {name: parse_instant(document[name]) for name in ("started_at", "ended_at")}
    if "policy" in document:
        parsed["policy"] = NeedPolicy.of(document["policy"])
    parsed["acts"] = tuple(Act.of(row) for row in document.get("acts", ()))
    parsed["cuts"] = tuple(parse_instant(each) for each in document.get("cuts", ()))
    parsed["parts"] = tuple(Part.of(each) for each in document.get("parts", ()))
    parsed["moves"] = tuple(Move.of(row) for row in document.get("moves", ()))
    parsed["state"] = State(document.get("state", State.ENDED))
    return AccessSession(**{**document, **parsed})


def _need_document(need: Need) -> dict[str, object]:
    return {
        "intervals": [
            [
                str(each.state),
                format_instant(each.interval.start),
                format_instant(each.interval.end),
                list(each.evidence),
            ]
            for each in need.intervals
        ],
        "quantities": {meter: plain(amount) for meter, amount in need.quantities.items()},
        "evidence": {meter: list(ids) for meter, ids in need.evidence.items()},
        "digest": need.digest,
        **({"faults": list(need.faults)} if need.faults else {}),
        **({"left_faulty": {act: list(ids) for act, ids in need.left_faulty.items()}} if need.left_faulty else {}),
    }


def _need_from(document: dict[str, Any]) -> Need:
    intervals = tuple(
        NeedInterval(NeedState(state), Interval(parse_instant(start), parse_instant(end)), tuple(evidence))
        for state, start, end, evidence in document["intervals"]
    )
    return Need(
        intervals=intervals,
        quantities={meter: Decimal(amount) for meter, amount in document["quantities"].items()},
        evidence={meter: tuple(ids) for meter, ids in document["evidence"].items()},
        digest=document["digest"],
        faults=tuple(document.get("faults", ())),
        left_faulty={act: tuple(ids) for act, ids in document.get("left_faulty", {}).items()},
    )
