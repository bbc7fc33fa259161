"""Which language an answer speaks: Accept-Language by RFC 9110, then the customer's own, then English."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edge.languages import SPOKEN, language_of
from chalicelib.kernel.languages import CODES
from chalicelib.rating.explain import LANGUAGES


def test_the_doors_speak_every_language_that_lines_are_said_in() -> None:
    assert tuple(LANGUAGES) == SPOKEN


def test_every_language_that_has_a_code_of_two_letters_can_be_a_customers_own() -> None:
    """
    ISO 639-1 has 183; Babel knows those and `sh`, which was withdrawn.
    """
    assert len(CODES) == 183
    assert {each for each in Locale("en").languages if len(each) == 2} - {"sh"} == CODES
    assert set(SPOKEN) < CODES


@pytest.mark.parametrize(
    ("accepted", "own", "spoken"),
    [
        (None, "da", "da"),
        ("", "sv", "sv"),
        (None, "fi", "en"),
        ("sv", "da", "sv"),
        ("sv-FI", "da", "sv"),
        ("SV", "da", "sv"),
        ("fi, nb;q=0.9, da;q=0.8, en;q=0.7", "en", "da"),
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
        ("*", "fi", "en"),
    ],
)
def test_among_equals_the_own_language_goes_first_then_the_order_of_the_header(
    accepted: str, own: str, spoken: str
) -> None:
    assert language_of(accepted, own) == spoken


@pytest.mark.parametrize(
    ("accepted", "own", "spoken"),
    [
        ("fi", "da", "da"),
        ("da;q=0", "da", "en"),
        ("da;q=0, *", "da", "en"),
        ("en-US;q=0, en", "da", "en"),
        ("*;q=0", "da", "da"),
        ("fi, *;q=0", "da", "da"),
    ],
)
def test_a_language_of_no_quality_is_not_spoken_and_one_that_we_do_not_speak_counts_for_nothing(
    accepted: str, own: str, spoken: str
) -> None:
    assert language_of(accepted, own) == spoken


@pytest.mark.parametrize("accepted", ["da;q=2", "da;q=0.1234", "da;q=-1", "da;q=", "da_DK", "d\xe4", ";;;", "da;q=NaN"])
def test_what_is_not_well_formed_counts_for_nothing(accepted: str) -> None:
    assert language_of(accepted, "sv") == "sv"


@given(st.text(alphabet="dasvnlen-*;q=01. ,", max_size=60) | st.text(max_size=60), st.sampled_from([*SPOKEN, "fi"]))
def test_whatever_is_accepted_a_language_that_we_speak_is_spoken(accepted: str, own: str) -> None:
    assert language_of(accepted, own) in SPOKEN


def test_a_long_header_is_read_in_time_that_grows_with_it_alone() -> None:
    """
    The gateway lets ten kilobytes of headers through: nothing in them makes reading slow.
    """
    assert language_of("a-" * 5000, "da") == "da"
    assert language_of("da" + " " * 10_000 + "x", "sv") == "sv"
