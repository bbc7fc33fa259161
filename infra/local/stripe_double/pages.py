"""The hosted page of an invoice and its one-page PDF, plain: what is owed, for what, and whether it is paid."""

import re
from html import escape

from infra.local.stripe_double.settling import page_mark
from infra.local.stripe_double.store import Fields, Store

_PDF_LINES = 50
_STEPS = 4


def page(store: Store, path: str) -> tuple[str, bytes] | None:
    """Type and body of what is under `/i/{invoice}/{mark}` or `.../pdf`; None where there is nothing."""
    steps = path.strip("/").split("/")
    invoice = store.kinds.get("invoice", {}).get(steps[1]) if len(steps) > 2 else None  # noqa: PLR2004 - i, invoice, mark
    if invoice is None or invoice["status"] == "draft" or steps[2] != page_mark(store, invoice["id"]):
        return None
    lines = _lines(store, invoice)
    if steps[3:] == ["pdf"]:
        return "application/pdf", _pdf(lines)
    shown = "".join(f"<p>{escape(line)}</p>" for line in lines)
    document = f'<!doctype html><html lang="en"><title>{escape(lines[0])}</title><body>{shown}</body></html>'
    return ("text/html; charset=utf-8", document.encode()) if len(steps) < _STEPS else None


def _lines(store: Store, invoice: Fields) -> list[str]:
    currency = invoice["currency"].upper()
    billed = [
        f"{line['description'] or 'Line'}: {line['amount']} {currency} (minor units)"
        for line in store.lines[invoice["id"]]
    ]
    return [
        f"Invoice {invoice['number']}: {invoice['status']}",
        f"Total {invoice['total']}, paid {invoice['amount_paid']}, remaining {invoice['amount_remaining']} {currency}",
        *billed,
    ]


def _pdf(lines: list[str]) -> bytes:
    """One page of text, in Latin letters."""
    words = [re.sub(r"([\\()])", r"\\\1", line) for line in lines[:_PDF_LINES]]
    text = "BT /F 10 Tf 14 TL 40 800 Td " + " ".join(f"({word}) Tj T*" for word in words) + " ET"
    content = text.encode("latin-1", "replace")
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        font,
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj%b endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(parts) + 1, table)
    return body + head + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(body))
