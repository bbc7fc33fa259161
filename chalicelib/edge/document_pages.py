"""An invoice or a credit note as a page for a browser, a printer, or a screen reader, as receipts are (`pages.py`)."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from chalicelib.edge.document_words import DOCUMENT_WORDS, DocumentWords
from chalicelib.edge.headings import HEADINGS
from chalicelib.edge.page_frame import framed
from chalicelib.kernel.money import Money
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import zone as zone_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.billing.documents import Document
    from chalicelib.edge.words import Words

_REVERSED = "reverse_charge"


def document_page(found: Document, zone: str, words: Words) -> str:
    """Both sides, each line, the tax by rate, and what is to be paid."""
    said, heads = DOCUMENT_WORDS[words.language], HEADINGS[words.language]
    title, asks = _title(found, said), getattr(found.of, "asks", None)
    reason = getattr(found.of, "reason", "")
    notes = [said.issued.format(moment=words.formats.moment(found.issued_at, zone_named(zone)))]
    notes += [said.reason.format(reason=reason)] if reason else []
    rows = [(_line(each.about, each.reference, said), each.amount) for each in found.lines]
    sums = [(heads.with_tax if any(row.tax for row in found.taxes) else heads.total, found.total)]
    ahead = getattr(found.of, "paid_ahead", None)
    sums += [(said.from_wallet, -ahead)] if ahead is not None and ahead.minor else []
    sums += [(said.asks, asks)] if asks is not None else []
    parts = (
        _list(notes),
        *_sides(found, said),
        f"<table><caption>{escape(title)}</caption>",
        _head(heads.item, heads.amount),
        f"<tbody>{''.join(_row(text, [amount], words) for text, amount in rows)}</tbody>",
        f"<tfoot>{''.join(_row(text, [amount], words) for text, amount in sums)}</tfoot></table>",
        f"<table><caption>{escape(said.tax)}</caption>",
        _head(said.rate, said.net, said.tax, said.gross),
        f"<tbody>{''.join(_taxes(found, words))}</tbody></table>",
    )
    return framed(words.language, title, parts)


def _title(found: Document, said: DocumentWords) -> str:
    if found.paper is None:
        return said.without_number.format(number=found.document_id)
    return (said.credit_note if found.is_credit else said.invoice).format(number=found.paper.number)


def _line(about: str, reference: str, said: DocumentWords) -> str:
    return said.lines.get(about, "{reference}").format(reference=reference)


def _sides(found: Document, said: DocumentWords) -> list[str]:
    rows = []
    if found.seller is not None:
        seller = found.seller
        vat = [said.vat_number.format(number=seller.vat_number)] if seller.vat_number else []
        rows += _side(said.seller, [seller.name, *seller.address, seller.country, *vat])
    if found.buyer is not None:
        buyer = found.buyer
        named = (
            (said.vat_number, buyer.vat_number),
            (said.purchase_order, buyer.purchase_order),
            (said.cost_centre, buyer.cost_centre),
        )
        more = [text.format(number=value) for text, value in named if value]
        rows += _side(said.buyer, [buyer.name, *buyer.address, buyer.country, *more])
    return rows


def _side(title: str, texts: Iterable[str]) -> list[str]:
    return [f"<section><h2>{escape(title)}</h2>", _list(texts), "</section>"]


def _taxes(found: Document, words: Words) -> Iterable[str]:
    currency, reversed_ = found.total.currency, DOCUMENT_WORDS[words.language].reverse_charge
    for row in found.taxes:
        country = row.country or ""
        behind = reversed_.format(country=country) if row.reason == _REVERSED else country
        rate = f"{plain(Decimal(row.rate) * 100)} % {behind}".strip()
        yield _row(rate, [Money(minor, currency) for minor in (row.net, row.tax, row.gross)], words)


def _head(*texts: str) -> str:
    cells = [f'<th scope="col">{escape(text)}</th>' for text in texts]
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def _row(text: str, amounts: Iterable[Money], words: Words) -> str:
    cells = "".join(f"<td>{escape(words.formats.money(each.amount, each.currency))}</td>" for each in amounts)
    return f'<tr><th scope="row">{escape(text)}</th>{cells}</tr>'
