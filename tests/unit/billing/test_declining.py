"""Decline codes are told apart, and each kind has its own schedule."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.declining import SCHEDULE, Decline, kind_of, next_try

NOW = datetime(2021, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("code", "advice", "kind"),
    [
        ("authentication_required", None, Decline.AUTHENTICATE),
        ("authentication_required", "try_again_later", Decline.AUTHENTICATE),
        ("authentication_not_handled", None, Decline.AUTHENTICATE),
        ("payment_intent_authentication_failure", None, Decline.AUTHENTICATE),
        ("lost_card", None, Decline.ANOTHER_METHOD),
        ("pin_try_exceeded", None, Decline.ANOTHER_METHOD),
        ("payment_method_unsupported_type", None, Decline.ANOTHER_METHOD),
        ("expired_card", "confirm_card_data", Decline.ANOTHER_METHOD),
        ("generic_decline", "do_not_try_again", Decline.ANOTHER_METHOD),
        ("insufficient_funds", "try_again_later", Decline.FUNDS),
        ("processing_error", None, Decline.PASSING),
        ("generic_decline", "try_again_later", Decline.OTHER),
        ("a_code_of_next_year", None, Decline.OTHER),
        (None, None, Decline.OTHER),
    ],
)
def test_what_helps_follows_from_code_and_advice(code: str | None, advice: str | None, kind: Decline) -> None:
    assert kind_of(code, advice) is kind


def test_an_empty_account_is_tried_for_three_weeks_and_a_passing_trouble_within_hours() -> None:
    def tries(kind: Decline) -> list[timedelta]:
        found, at, failures = [], NOW, 1
        while (again := next_try(kind, failures, at)) is not None:
            found.append(again - NOW)
            at, failures = again, failures + 1
        return found

    assert tries(Decline.FUNDS) == [3 * DAY, 8 * DAY, 15 * DAY, 22 * DAY]
    assert tries(Decline.PASSING)[0] == timedelta(hours=1)
    assert tries(Decline.OTHER) == [DAY, 4 * DAY, 9 * DAY]
    assert tries(Decline.AUTHENTICATE) == tries(Decline.ANOTHER_METHOD) == []


def test_no_payment_is_tried_more_often_than_networks_allow() -> None:
    """Fifteen tries of one payment in thirty days (Visa's rule for codes that may be tried again)."""
    assert set(SCHEDULE) == set(Decline)
    assert max(len(waits) for waits in SCHEDULE.values()) < 15


def test_before_any_failure_and_after_the_last_one_nothing_is_tried() -> None:
    assert [next_try(Decline.FUNDS, failures, NOW) for failures in (0, 5, 99)] == [None, None, None]
