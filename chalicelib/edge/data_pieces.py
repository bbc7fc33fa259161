"""Make a customer's data file: in one piece, or, where there is much, piece by piece, and then put together.

A piece says of each kind what was found of it, as it will stand in the file; so a place in the list of partitions and
a key are all that has to be kept between two of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.billing.errors import PayerGone
from chalicelib.edge.gathering import Found, gather
from chalicelib.edge.holdings import HOLDINGS
from chalicelib.kernel.time import format_instant

if TYPE_CHECKING:
    from chalicelib.customers.data_file import DataFile
    from chalicelib.customers.holding import Holding
    from chalicelib.edge.wiring_finance import BackOffice

FORMAT = 1
_COPY = "a copy, by which others find what is shown elsewhere in this file"


class Piece(msgspec.Struct):
    """What was found in one run: items by kind, and what no row describes."""

    items: dict[str, list[msgspec.Raw]]
    undescribed: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that is there."""

    size: int
    sha256: str


def make_some(file: DataFile, wired: BackOffice) -> Made | str:
    """Make the file, or of one that takes several runs the next piece: then behind what to go on.

    Made again, a piece replaces itself.
    """
    turn, place, after = _read(file.after)
    found, following = gather(file, place, after or None, wired)
    piece = msgspec.json.encode({"items": {_kind(each): rows for each, rows in found.items.items()}, **_rest(found)})
    if following is not None:
        wired.own_files.write(file.piece(turn), piece)
        return f"{turn + 1}|{following[0]}|{following[1]}"
    pieces = [wired.own_files.read(file.piece(each)) for each in range(turn)]
    content = msgspec.json.encode(_whole(file, [*pieces, piece], wired))
    wired.own_files.write(file.key, content)
    return Made(len(content), hashlib.sha256(content).hexdigest())


def _read(after: str) -> tuple[int, int, str]:
    turn, place, key = (after or "0|0|").split("|", 2)
    return int(turn), int(place), key


def _kind(holding: Holding) -> str:
    return f"{holding.area} {holding.pk} {holding.sk}"


def _rest(found: Found) -> Mapping[str, Any]:
    return {"undescribed": found.undescribed}


def _whole(file: DataFile, encoded: Sequence[bytes], wired: BackOffice) -> Mapping[str, Any]:
    """All of it, as JSON. Each piece is read as it was written, and not opened."""
    pieces = [msgspec.json.decode(each, type=Piece) for each in encoded]
    return {
        "format": FORMAT,
        "account_id": file.account_id,
        "customer_id": file.customer_id,
        "sign_in": file.subject,
        "as_of": format_instant(wired.now()),
        "holdings": [_shown(each, _of_kind(_kind(each), pieces)) for each in HOLDINGS],
        "payment_methods": _methods(file.account_id, wired),
        "undescribed": _once(row for one in pieces for row in one.undescribed),
    }


def _of_kind(kind: str, pieces: Sequence[Piece]) -> list[msgspec.Raw]:
    return _once(row for one in pieces for row in one.items.get(kind, ()))


def _once(rows: Iterator[msgspec.Raw]) -> list[msgspec.Raw]:
    """A session that several pieces name is in the file once."""
    return list({hashlib.sha256(each).digest(): each for each in rows}.values())


def _shown(holding: Holding, items: list[msgspec.Raw]) -> Mapping[str, Any]:
    shown = {
        "name": holding.name,
        "area": holding.area,
        "purpose": str(holding.purpose),
        "source": str(holding.source),
        "retention": holding.retention,
        "when_erased": str(holding.leaving),
    }
    return {**shown, "note": _COPY} if holding.is_copy else {**shown, "items": items}


def _methods(account_id: str, wired: BackOffice) -> list[Mapping[str, Any]]:
    """As the provider has them: of a card no more than its last four digits is known here, or shown."""
    payer = wired.billed.payer(account_id)
    if payer is None:
        return []
    try:
        methods = wired.payment_methods.of_customer(payer.provider_customer)
    except PayerGone:
        return []
    return [
        {"kind": each.kind, "brand": each.brand, "last4": each.last4, "expires": str(each.expires or "") or None}
        for each in methods
    ]
