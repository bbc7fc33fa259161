"""A receipt as a page: well-formed, whole in each language, readable without a look at it, safe from its contents."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from chalicelib.edge.headings import HEADINGS
from chalicelib.edge.pages import receipt_page
from chalicelib.edge.words import Words
from chalicelib.kernel.languages import LANGUAGES, Language
from tests.unit.edge.test_papers import LOCAL, RIDE, ZONE, receipt, spaced

VOID = {"meta"}


class Page(HTMLParser):
    """What a screen reader makes of it: the text, its headings, and whether every tag is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.text: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes[tag] = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.text.append(data.strip())
            self.headings += [(self.open[-1], data)] if self.open[-1] in ("th", "h1", "caption") else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_in_its_language_and_every_cell_has_its_headings(language: Language) -> None:
    shown, heads = receipt(), HEADINGS[language]
    page = Page(spaced(receipt_page(shown, RIDE.tariff, ZONE, Words(language), "City bike")))
    text = " ".join(page.text)

    assert page.open == []
    assert page.attributes["html"] == {"lang": language}
    assert ("h1", heads.receipt.format(session="ses_1")) in page.headings
    assert [name for kind, name in page.headings if kind == "th"][:2] == [heads.item, heads.amount]
    assert len([name for kind, name in page.headings if kind == "th"]) == 2 + len(shown.cost.lines) + 1
    for expected in (*LOCAL[language], heads.with_tax, "quo_1", "d" * 64):
        assert expected in text
    for line in shown.cost.lines:
        assert spaced(Words(language).of(line)) in text


def test_what_a_partner_has_named_is_text_and_never_markup() -> None:
    shown = receipt()
    shown = replace(shown, record=replace(shown.record, session=replace(shown.record.session, asset_id='"&')))
    page = receipt_page(shown, RIDE.tariff, ZONE, Words("en"), "<script>alert(1)</script>")

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "&quot;&amp;" in page
