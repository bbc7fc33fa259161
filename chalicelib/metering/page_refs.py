"""Pages as heads and nodes refer to them: by digest, with three bytes an event, its print.

An event whose print is in no page is new, and one whose print is there is looked for in that page, so nothing rests on
a print alone.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat

from chalicelib.metering.columns import Columns
from chalicelib.metering.held_ids import encoded_texts_of
from chalicelib.metering.model import Key
from chalicelib.metering.packing import DIGEST_BYTES, digest_of

PRINT_BYTES = 3
_FEW = 16
_PAGE = struct.Struct(f"<{DIGEST_BYTES}sH")


@dataclass(frozen=True, slots=True)
class PageRef:
    """A page by its digest, how many events it has, and their prints."""

    digest: bytes
    count: int
    prints: bytes


def print_of(key: Key) -> bytes:
    """Three bytes that stand for an event's source and id."""
    return prints_of([key])


def prints_of(keys: Iterable[Key]) -> bytes:
    """The prints of events, one behind the other."""
    given = list(keys)
    return _prints([source for source, _ in given], [event_id.encode() for _, event_id in given])


def _prints(sources: Sequence[str], ids: Sequence[bytes]) -> bytes:
    if sources and sources.count(sources[0]) == len(sources):
        sums = list(map(zlib.crc32, ids, repeat(_begun(sources[0]))))
    else:
        sums = list(map(zlib.crc32, ids, map(_begun, sources)))
    fours = struct.pack(f">{len(sums)}I", *sums)
    prints = bytearray(len(sums) * PRINT_BYTES)
    for byte in range(PRINT_BYTES):  # each first byte of four is left out
        prints[byte::PRINT_BYTES] = fours[byte + 1 :: 4]
    return bytes(prints)


@lru_cache(maxsize=256)
def _begun(source: str) -> int:
    """The checksum up to the id: many events have their source in common."""
    return zlib.crc32(f"{source}\0".encode())


def _numbers_in(prints: bytes) -> tuple[int, ...]:
    """Prints as numbers, of which sets are quickly made."""
    count = len(prints) // PRINT_BYTES
    fours = bytearray(count * 4)
    for byte in range(PRINT_BYTES):
        fours[byte + 1 :: 4] = prints[byte::PRINT_BYTES]
    return struct.unpack(f">{count}I", fours)


def page_ref(columns: Columns, packed: bytes) -> PageRef:
    """What is kept of a page outside of it."""
    return PageRef(digest_of(packed), len(columns), _prints(columns.sources, encoded_texts_of(columns.ids)))


def suspected(pages: Iterable[PageRef], keys: Sequence[Key]) -> list[tuple[PageRef, list[int]]]:
    """The pages in which one of the keys may be, and which of them these are. Few are looked for by themselves."""
    prints = prints_of(keys)
    if len(keys) <= _FEW:
        each = [prints[at : at + PRINT_BYTES] for at in range(0, len(prints), PRINT_BYTES)]
        asked = ((page, [number for number, one in enumerate(each) if one in page.prints]) for page in pages)
        return [(page, numbers) for page, numbers in asked if numbers]
    ones = _numbers_in(prints)
    wanted = set(ones)
    found = []
    for page in pages:
        there = _numbers_in(page.prints)
        if not wanted.isdisjoint(there):
            alike = wanted.intersection(there)
            found.append((page, [number for number, one in enumerate(ones) if one in alike]))
    return found


def pack_refs(pages: Sequence[PageRef]) -> bytes:
    """The bytes of a node."""
    return b"".join(_PAGE.pack(each.digest, each.count) + each.prints for each in pages)


def unpack_refs(packed: bytes) -> tuple[PageRef, ...]:
    """The page references of a node."""
    found, at = [], 0
    while at < len(packed):
        digest, count = _PAGE.unpack_from(packed, at)
        at += _PAGE.size
        found.append(PageRef(digest, count, packed[at : at + PRINT_BYTES * count]))
        at += PRINT_BYTES * count
    return tuple(found)
