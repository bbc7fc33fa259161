"""Ids of events: a UUID is held as its sixteen bytes, any other as the text that it is."""

import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import cast

HeldId = str | bytes
UUID_BYTES, _UUID_LETTERS = 16, 36
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UUID_SHAPE = b"00000000-0000-0000-0000-000000000000"
_HEX_TO_ZERO = bytes.maketrans(b"0123456789abcdef", b"0" * 16)
_DASHED, _TOO_MANY_DASHES = 2, ((40, 39), (39, 34), (38, 29), (37, 4))
"""A dash behind every two bytes is one where a UUID has it, and four more: in what is so long then, which letter."""
_FEW, _MANY = 4, 20
"""What is done for all at once takes longer for fewer than these."""


@lru_cache(maxsize=4_096)
def held(event_id: str) -> HeldId:
    """An id as it is held."""
    if len(event_id) == _UUID_LETTERS and _UUID.fullmatch(event_id):
        return bytes.fromhex(event_id.replace("-", ""))
    return event_id


def held_ids(event_ids: Sequence[str]) -> list[HeldId]:
    """Ids as they are held. Where all are UUIDs, as all their letters together show, they are read at once."""
    count = len(event_ids)
    if count < _FEW or len(event_ids[0]) != _UUID_LETTERS:
        return [held(each) for each in event_ids]
    joined = "".join(event_ids)
    shape = joined.encode().translate(_HEX_TO_ZERO)
    if shape != _UUID_SHAPE * count or {*map(len, event_ids)} != {_UUID_LETTERS}:
        return [held(each) for each in event_ids]
    whole = bytes.fromhex(joined.replace("-", ""))
    return list(_parts(count, UUID_BYTES).unpack(whole))


@lru_cache(maxsize=256)
def _parts(count: int, size: int) -> struct.Struct:
    """So many texts of one length, one behind the other: they are cut apart in a fifth of the time."""
    return struct.Struct(f"{size}s" * count)


def texts_of(held_ids_: Sequence[HeldId]) -> list[str]:
    """The ids that are held. UUIDs are written all at once."""
    if len(held_ids_) < _MANY or str in set(map(type, held_ids_)):
        return list(map(text_of, held_ids_))
    text = _letters_of(cast("Sequence[bytes]", held_ids_)).decode()
    return [text[at : at + _UUID_LETTERS] for at in range(0, len(text), _UUID_LETTERS)]


def encoded_texts_of(held_ids_: Sequence[HeldId]) -> list[bytes]:
    """The same in UTF-8."""
    if len(held_ids_) < _MANY or str in set(map(type, held_ids_)):
        return [text_of(each).encode() for each in held_ids_]
    return list(_parts(len(held_ids_), _UUID_LETTERS).unpack(_letters_of(cast("Sequence[bytes]", held_ids_))))


def _letters_of(uuids: Sequence[bytes]) -> bytearray:
    """One behind the other; what is done to all of them is done at once."""
    letters = bytearray(b"".join(uuids).hex("-", _DASHED) + "-", "ascii")
    for length, dash in _TOO_MANY_DASHES:
        del letters[dash::length]
    return letters


def text_of(held_id: HeldId) -> str:
    """The id that is held."""
    if isinstance(held_id, str):
        return held_id
    text = held_id.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
