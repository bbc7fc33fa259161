"""Pages as heads and nodes refer to them: by digest, with three bytes an event, its print.

An event whose print is in no page is new, and one whose print is there is looked for in that page, so nothing rests on
a print alone.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.metering.columns import Columns
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
    sums = [zlib.crc32(event_id.encode(), _begun(source)) for source, event_id in keys]
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
    return PageRef(digest_of(packed), len(columns), prints_of(columns.keys()))


def suspected(pages: Iterable[PageRef], keys: Iterable[Key]) -> list[PageRef]:
    """The pages in which one of the keys may be. A few are looked for by themselves, many all at once."""
    prints = prints_of(keys)
    if len(prints) > _FEW * PRINT_BYTES:
        wanted = set(_numbers_in(prints))
        return [page for page in pages if not wanted.isdisjoint(_numbers_in(page.prints))]
    each = [prints[at : at + PRINT_BYTES] for at in range(0, len(prints), PRINT_BYTES)]
    return [page for page in pages if any(one in page.prints for one in each)]


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
