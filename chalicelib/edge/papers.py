"""Receipts and statements for reading and printing, in the reader's language; times are in the operator's zone."""

from __future__ import annotations

import textwrap
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.edge.document_words import DOCUMENT_WORDS
from chalicelib.edge.headings import HEADINGS, Headings
from chalicelib.kernel.ids import digest
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import zone as zone_named
from chalicelib.rating.stated import is_stated, product_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.access.reading import Receipt
    from chalicelib.billing.sold_by_whom import SellersPart
    from chalicelib.billing.statement import Statement
    from chalicelib.edge.words import Words
    from chalicelib.rating import RatedLine, Tariff, Use

_TICK, _TICKS = timedelta(microseconds=1), 1_000_000
_TEXT = 46
_AMOUNT = 16
_GAP = 2
_WIDE = "=" * (_TEXT + _GAP + _AMOUNT)
_THIN = "-" * (_TEXT + _GAP + _AMOUNT)


def receipt_text(receipt: Receipt, tariff: Tariff, zone: str, words: Words, product: str) -> str:
    """What a session of the product cost, line by line, and what shows it."""
    heads, record = HEADINGS[words.language], receipt.record
    session = record.session
    return _paper(
        heads.receipt.format(session=session.session_id),
        _WIDE,
        *textwrap.wrap(f"{product}, {session.asset_id}", _TEXT + _GAP + _AMOUNT),
        *when(session.started_at, record.ended_at, zone_named(zone), heads, words),
        *use_of(receipt, heads, words),
        _THIN,
        *_rows(receipt.cost.lines, words),
        _THIN,
        *_row(total_of([tariff], heads), receipt.cost.amount, words),
        heads.tariff.format(version=session.tariff_version),
        heads.quote.format(quote=session.quote_id),
        heads.evidence,
        record.need.digest,
    )


def statement_text(stated: Statement, zone: str, words: Words, sellers: Sequence[SellersPart] = ()) -> str:
    """What a month costs, session by session, and who sells it. The digest is over the ids of all evidence."""
    heads, local = HEADINGS[words.language], zone_named(zone)
    sessions = (_use(use, lines, local, heads, words) for use, lines in stated.by_session)
    uses = [row for session in sessions for row in (*session, _THIN)]
    return _paper(
        heads.statement.format(month=words.formats.month(date(stated.month.year, stated.month.number, 1))),
        _WIDE,
        *(uses or [heads.nothing, _THIN]),
        *_row(total_of([use.tariff for use in stated.uses], heads), stated.total, words),
        *(row for each in sellers for row in _row(_seller(each, words), each.amount, words)),
        heads.evidence,
        digest(sorted({each for line in stated.lines for each in line.evidence})),
    )


def _seller(part: SellersPart, words: Words) -> str:
    return f"{DOCUMENT_WORDS[words.language].seller}: {part.seller.name}"


def _use(use: Use, lines: Sequence[RatedLine], local: tzinfo, heads: Headings, words: Words) -> list[str]:
    """One session: when, what for, how much. Or what was charged beside its use."""
    amount = total((line.amount for line in lines), use.tariff.currency)
    if is_stated(use):
        name = product_of(use.tariff.tariff_id).partition(":")[2]
        return [f"{name}, {use.use_id}", *_rows(lines, words), *_row(heads.amount, amount, words)]
    if use.held is not None:
        named = f"{use.tariff.tariff_id.partition('+')[2]}, {use.held.agreement}"
        return [named, *_rows(lines, words), *_row(heads.amount, amount, words)]
    return [
        f"{use.tariff.settled_as.partition(':')[2]}, {use.use_id}",
        *when(use.started_at, None if use.open else use.ended_at, local, heads, words),
        heads.tariff.format(version=use.tariff.version),
        *_rows(lines, words),
        *_row(heads.amount, amount, words),
    ]


def total_of(tariffs: Sequence[Tariff], heads: Headings) -> str:
    """What the sum is called; nothing is said of tax where some prices include it and others do not."""
    inclusive = {tariff.tax_inclusive for tariff in tariffs}
    return heads.with_tax if inclusive == {True} else heads.without_tax if inclusive == {False} else heads.total


def when(start: datetime, end: datetime | None, local: tzinfo, heads: Headings, words: Words) -> tuple[str, str]:
    """From when to when, or that it goes on."""
    started = heads.start.format(moment=words.formats.moment(start, local))
    return started, heads.end.format(moment=words.formats.moment(end, local)) if end else heads.still_open


def use_of(receipt: Receipt, heads: Headings, words: Words) -> list[str]:
    """How much was used, by meter where there are several; and for how long the thing was what."""
    need, meters = receipt.record.need, receipt.record.session.meters
    said = heads.used_of if len(need.quantities) > 1 else heads.used
    used = [
        said.format(meter=meter, amount=words.quantity(amount, meters.get(meter, "")))
        for meter, amount in need.quantities.items()
    ]
    lengths: dict[str, timedelta] = {}
    for each in need.intervals:
        lengths[each.state] = lengths.get(each.state, timedelta()) + each.interval.length
    return [
        *used,
        *(
            f"{words.name(state)}: {words.quantity(Decimal(length // _TICK) / _TICKS, 's')}"
            for state, length in lengths.items()
        ),
    ]


def _rows(lines: Sequence[RatedLine], words: Words) -> Iterable[str]:
    """Each line's sentence with the price that it belongs to, and its amount."""
    return (row for line in lines for row in _row(f"{words.of(line)} [{line.price_id}]", line.amount, words))


def _row(text: str, amount: Money, words: Words) -> list[str]:
    """The text, over several lines if need be, and at the end of the last the amount."""
    *before, last = textwrap.wrap(text, _TEXT, break_on_hyphens=False)
    money = words.formats.money(amount.amount, amount.currency)
    return [*before, f"{last:<{_TEXT + _GAP}}{money:>{_AMOUNT}}"]


def _paper(*rows: str) -> str:
    return "\n".join(rows) + "\n"
