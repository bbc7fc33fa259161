"""A receipt as a page for a browser, a printer, or a screen reader: plain HTML, in the reader's language.

No script, no style, nothing fetched: the door's Content-Security-Policy lets none of it through, and none is needed.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from chalicelib.edge.headings import HEADINGS
from chalicelib.edge.page_frame import framed
from chalicelib.edge.papers import total_of, use_of, when
from chalicelib.kernel.time import zone as zone_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.access.reading import Receipt
    from chalicelib.edge.words import Words
    from chalicelib.kernel.money import Money
    from chalicelib.rating import Tariff


def receipt_page(receipt: Receipt, tariff: Tariff, zone: str, words: Words, product: str) -> str:
    """What a session of the product cost, line by line in a table with headings, and what shows it."""
    heads, record = HEADINGS[words.language], receipt.record
    session, title = record.session, heads.receipt.format(session=record.session.session_id)
    times = when(session.started_at, record.ended_at, zone_named(zone), heads, words)
    facts = [f"{product}, {session.asset_id}", *times, *use_of(receipt, heads, words)]
    rows = [(f"{words.of(line)} [{line.price_id}]", line.amount) for line in receipt.cost.lines]
    notes = (
        heads.tariff.format(version=session.tariff_version),
        heads.quote.format(quote=session.quote_id),
        f"{heads.evidence} {record.need.digest}",
    )
    parts = (
        _list(facts),
        f"<table><caption>{escape(title)}</caption>",
        f'<thead><tr><th scope="col">{escape(heads.item)}</th>',
        f'<th scope="col">{escape(heads.amount)}</th></tr></thead>',
        f"<tbody>{''.join(_row(text, amount, words) for text, amount in rows)}</tbody>",
        f"<tfoot>{_row(total_of([tariff], heads), receipt.cost.amount, words)}</tfoot></table>",
        _list(notes),
    )
    return framed(words.language, title, parts)


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def _row(text: str, amount: Money, words: Words) -> str:
    money = words.formats.money(amount.amount, amount.currency)
    return f'<tr><th scope="row">{escape(text)}</th><td>{escape(money)}</td></tr>'
