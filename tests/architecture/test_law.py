"""docs/law.md says of each country what the data say, and how well that is known."""

import pytest

from chalicelib.subscriptions.countries import COUNTRIES, UNION, law_of
from chalicelib.subscriptions.law import CountryLaw, Kind, Seen
from chalicelib.subscriptions.withdrawal import ends
from chalicelib.subscriptions.withdrawal_words import WORDS
from chalicelib.subscriptions.withdrawals import notice_of
from tests.architecture.sources import ROOT
from tests.doors.world import START

TEXT = (ROOT / "docs" / "law.md").read_text(encoding="utf-8")
COLUMNS = ("period", "exemptions", "owed", "refund", "function", "price_change")
SAID = {Seen.TEXT: "text", Seen.BILL: "bill", Seen.REPORTED: "reported", Seen.NOT_VERIFIED: "not verified"}


def row(country: str) -> list[str]:
    (found,) = [line for line in TEXT.splitlines() if line.startswith(f"| {country} ")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def seen(law: CountryLaw, rule: str) -> Seen:
    """How well the country's own rule is known, which comes before the directive's."""
    return next(each.seen for each in law.sources if each.rule == rule)


@pytest.mark.parametrize("country", [each for each in COUNTRIES if each != UNION])
def test_the_table_says_how_well_each_rule_of_a_country_is_known(country: str) -> None:
    law, cells = law_of(country), row(country)

    assert [(rule, SAID[seen(law, rule)] in cell) for rule, cell in zip(COLUMNS, cells[3:9], strict=True)] == [
        (rule, True) for rule in COLUMNS
    ]
    assert cells[9] == ("yes" if law.price_change.silence_accepts else "no")


def test_it_says_first_that_it_is_no_legal_advice_and_names_every_kind_of_goods() -> None:
    assert TEXT.splitlines()[2].startswith("**This is no legal advice.**")
    assert [each for each in Kind if f"`{each}`" not in TEXT] == []


@pytest.mark.parametrize("country", COUNTRIES)
def test_who_agrees_is_told_in_each_language_until_when_and_under_which_words_they_may_withdraw(country: str) -> None:
    law, until = law_of(country), ends(START, START, law_of(country))
    for language in WORDS:
        told = {asked: notice_of(until, language, law, asked=asked) for asked in (True, False)}
        assert told[True] != told[False]
        assert all(law.label(language).withdraw in each for each in told.values())
        assert all("2021-05-2" in each for each in told.values())
        assert notice_of(None, language, law, asked=True) not in told.values()
    assert set(law.languages) <= set(law.labels) <= set(WORDS)
