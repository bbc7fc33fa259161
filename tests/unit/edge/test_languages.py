"""Which language an answer speaks: Accept-Language by RFC 9110, then the customer's own, then English."""

import pkgutil
import string
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

import chalicelib.edge.report_words
import chalicelib.rating.words
from chalicelib.edge.document_words import DOCUMENT_WORDS
from chalicelib.edge.formats import LOCALES
from chalicelib.edge.headings import HEADINGS
from chalicelib.edge.languages import language_of
from chalicelib.edge.subscription_words import WORDS as CONFIRMATIONS
from chalicelib.kernel.languages import CODES, LANGUAGES, Language
from chalicelib.subscriptions.withdrawal_words import WORDS as WITHDRAWALS
from infra.sam import merge_template


def test_every_table_of_words_is_in_every_language_and_in_no_other() -> None:
    """
    The one list is `kernel/languages.py`. A language more is one there, and here it is said what it still lacks.
    """
    spoken = set(LANGUAGES)
    for table in (HEADINGS, DOCUMENT_WORDS, CONFIRMATIONS, WITHDRAWALS, LOCALES):
        assert set(table) == spoken
    assert set(get_args(Language)) == spoken
    for package in (chalicelib.rating.words, chalicelib.edge.report_words):
        assert {each.name for each in pkgutil.iter_modules(package.__path__)} == set(LANGUAGES.values())


def named(text: object) -> object:
    """The facts that a text has a place for, with those of all texts in it."""
    if isinstance(text, str):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name} if text else "nothing said"
    return {each: named(inner) for each, inner in text.items()} if isinstance(text, Mapping) else text


@pytest.mark.parametrize("table", [HEADINGS, DOCUMENT_WORDS, CONFIRMATIONS, WITHDRAWALS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_and_names_the_same_facts_in_every_language(
    table: Mapping[str, Any], language: Language
) -> None:
    assert named(asdict(table[language])) == named(asdict(table["en"]))


def test_an_operator_may_have_the_report_in_each_of_them() -> None:
    assert merge_template("finance")["Parameters"]["Language"]["AllowedValues"] == list(LANGUAGES)


def test_every_language_that_has_a_code_of_two_letters_can_be_a_customers_own() -> None:
    """
    ISO 639-1 has 183; Babel knows those and `sh`, which was withdrawn.
    """
    assert len(CODES) == 183
    assert {each for each in Locale("en").languages if len(each) == 2} - {"sh"} == CODES
    assert set(LANGUAGES) < CODES


@pytest.mark.parametrize(
    ("accepted", "own", "spoken"),
    [
        (None, "da", "da"),
        ("", "sv", "sv"),
        (None, "fi", "fi"),
        (None, "nb", "en"),
        ("sv", "da", "sv"),
        ("sv-FI", "da", "sv"),
        ("SV", "da", "sv"),
        ("de-AT", "da", "de"),
        ("de-CH-1901, en;q=0.5", "da", "de"),
        ("fi-FI", "en", "fi"),
        ("nb", "fi", "fi"),
        ("nb-NO, sv;q=0.5", "fi", "sv"),
        ("is, nb;q=0.9, da;q=0.8, en;q=0.7", "en", "da"),
        ("en;q=0.3, nl;q=0.301", "da", "nl"),
        ("da;q=0.8;x=1, nl;q=0.5", "sv", "nl"),
        ("nl ; q=0.5 , en;q=1.000", "da", "en"),
    ],
)
def test_the_accepted_language_of_the_highest_quality_is_spoken_then_the_own_then_english(
    accepted: str | None, own: str, spoken: str
) -> None:
    assert language_of(accepted, own) == spoken


@pytest.mark.parametrize(
    ("accepted", "own", "spoken"),
    [
        ("sv, da", "da", "da"),
        ("sv, da", "nl", "sv"),
        ("da-DK;q=0.2, da;q=0.9, sv;q=0.5", "en", "da"),
        ("*", "nl", "nl"),
        ("sv;q=0.5, *;q=0.6", "nl", "nl"),
        ("sv;q=0.5, *;q=0.4", "nl", "sv"),
        ("*", "fi", "fi"),
        ("*", "is", "en"),
    ],
)
def test_among_equals_the_own_language_goes_first_then_the_order_of_the_header(
    accepted: str, own: str, spoken: str
) -> None:
    assert language_of(accepted, own) == spoken


@pytest.mark.parametrize(
    ("accepted", "own", "spoken"),
    [
        ("is", "da", "da"),
        ("da;q=0", "da", "en"),
        ("da;q=0, *", "da", "en"),
        ("en-US;q=0, en", "da", "en"),
        ("*;q=0", "da", "da"),
        ("is, *;q=0", "da", "da"),
    ],
)
def test_a_language_of_no_quality_is_not_spoken_and_one_that_we_do_not_speak_counts_for_nothing(
    accepted: str, own: str, spoken: str
) -> None:
    assert language_of(accepted, own) == spoken


@pytest.mark.parametrize("accepted", ["da;q=2", "da;q=0.1234", "da;q=-1", "da;q=", "da_DK", "d\xe4", ";;;", "da;q=NaN"])
def test_what_is_not_well_formed_counts_for_nothing(accepted: str) -> None:
    assert language_of(accepted, "sv") == "sv"


@given(
    st.text(alphabet="dasvnlenfi-*;q=01. ,", max_size=60) | st.text(max_size=60), st.sampled_from([*LANGUAGES, "is"])
)
def test_whatever_is_accepted_a_language_that_we_speak_is_spoken(accepted: str, own: str) -> None:
    assert language_of(accepted, own) in LANGUAGES


def test_a_long_header_is_read_in_time_that_grows_with_it_alone() -> None:
    """
    The gateway lets ten kilobytes of headers through: nothing in them makes reading slow.
    """
    assert language_of("a-" * 5000, "da") == "da"
    assert language_of("da" + " " * 10_000 + "x", "sv") == "sv"
