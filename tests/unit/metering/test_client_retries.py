"""What is tried again is what botocore's standard mode tries again, as often and as late."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.retries import standard
from botocore.retries.quota import RetryQuota
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.metering.client_retries import (
    ATTEMPTS,
    STATED_CODES,
    THROTTLING_CODES,
    TRANSIENT_CODES,
    Quota,
    Retrying,
    Trouble,
    trouble_of,
)

MODEL = Session().get_service_model("dynamodb")
PUT = MODEL.operation_model("PutItem")
OTHERS = ["", "ValidationException", "AccessDeniedException", "ExpiredTokenException", "SerializationException"]
CODES = sorted({*THROTTLING_CODES, *TRANSIENT_CODES, *STATED_CODES, *OTHERS, *MODEL.shape_names})
ALL = [shape.name for shape in PUT.error_shapes]
STATUSES = [400, 403, 404, 413, 429, 500, 501, 502, 503, 504]


def context(status: int, code: str, attempt: int = 1, **headers: str) -> standard.RetryContext:
    http = SimpleNamespace(status_code=status, headers=headers, content=b"")
    said = {"Error": {"Code": code}}
    return standard.RetryContext(attempt, operation_model=PUT, parsed_response=said, http_response=http)


@pytest.mark.parametrize("status", STATUSES)
def test_the_same_answers_are_tried_again_and_the_same_are_taken_for_throttling(status: int) -> None:
    retryable = standard.StandardRetryConditions(ATTEMPTS)
    throttling = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    for code in CODES:
        expected = Trouble.LASTING
        if retryable.is_retryable(context(status, code)):
            throttled = throttling.is_throttling_error_from_context(context(status, code))
            expected = Trouble.THROTTLED if throttled else Trouble.TRANSIENT
        assert (code, trouble_of(status, code)) == (code, expected)


def test_every_error_that_a_write_can_meet_is_among_those_compared() -> None:
    assert set(ALL) <= set(CODES)
    assert len(CODES) > 50


def test_what_must_not_be_tried_again_is_not() -> None:
    for code in ("ConditionalCheckFailedException", "ValidationException", "AccessDeniedException"):
        assert trouble_of(400, code) is Trouble.LASTING


@given(
    attempt=st.integers(1, 30),
    code=st.sampled_from(["ThrottlingException", "InternalServerError"]),
    chance=st.floats(0, 1),
    asked=st.none() | st.integers(0, 60_000),
)
def test_delays_are_botocores(attempt: int, code: str, chance: float, asked: int | None) -> None:
    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    theirs = standard.ExponentialBackoff(random=lambda: chance, service_name="dynamodb", throttling_detector=detector)
    headers = {} if asked is None else {"x-amz-retry-after": str(asked)}
    status = 500 if code == "InternalServerError" else 400
    seconds = None if asked is None else asked / 1000

    expected = theirs.delay_amount(context(status, code, attempt, **headers))
    assert Retrying().delay(attempt, trouble_of(status, code), chance, seconds) == expected


@given(st.lists(st.sampled_from(["throttled", "transient", "success", "first"]), max_size=200))
def test_the_quota_is_spent_and_earned_as_botocores(events: list[str]) -> None:
    """
    A success gives back what the last retry took, or one.
    """
    theirs, ours = RetryQuota(100), Quota(100)
    detector = standard.ThrottlingErrorDetector(standard.RetryEventAdapter())
    checker = standard.RetryQuotaChecker(theirs, detector)
    held: dict[str, Any] = {}
    taken = 0
    for event in events:
        if event in ("throttled", "transient"):
            code, trouble = ("SlowDown", Trouble.THROTTLED) if event == "throttled" else ("", Trouble.TRANSIENT)
            failed = context(400, code)
            failed.request_context = held
            paid = ours.take(trouble)
            assert bool(paid) == checker.acquire_retry_quota(failed)
            taken = paid or taken
        else:
            if event == "first":
                held, taken = {}, 0
            checker.release_retry_quota(held, SimpleNamespace(status_code=200))
            ours.give(taken)
            held, taken = {}, 0
        assert ours.left == theirs.available_capacity


def test_the_defaults_are_botocores() -> None:
    assert standard._SERVICE_MAX_ATTEMPTS["dynamodb"] == ATTEMPTS
    assert RetryQuota.INITIAL_CAPACITY == Quota.MOST
    assert Quota.COSTS[Trouble.TRANSIENT] == standard.RetryQuotaChecker._RETRY_COST
    assert Quota.COSTS[Trouble.THROTTLED] == standard.RetryQuotaChecker._THROTTLING_RETRY_COST
    assert Retrying().longest == standard.ExponentialBackoff._MAX_BACKOFF
    assert Retrying().most_above == standard.ExponentialBackoff._RETRY_AFTER_MAX_ADDITIONAL
