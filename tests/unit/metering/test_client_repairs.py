"""Expired keys and a wrong clock are put right within the call, once."""

import time

import pytest

from chalicelib.metering.client import NoCredentialsError, RefusedError, Written
from chalicelib.metering.client_signing import Keys
from tests.unit.metering import endpoint as does
from tests.unit.metering.endpoint import served
from tests.unit.metering.test_client import Around, Given, client_of, failure_of, put


def test_expired_keys_are_renewed_once_and_the_call_repeated_at_once() -> None:
    credentials = Given([Keys("OLD", "a"), Keys("NEW", "b")])
    around = Around()
    with served(does.fault("ExpiredTokenException")) as endpoint:
        client_of(endpoint, around, credentials=credentials).put_item(put())
        used = [request.headers["authorization"] for request in endpoint.requests]

        assert ["Credential=OLD/" in used[0], "Credential=NEW/" in used[1]] == [True, True]
        assert (credentials.renewals, around.slept) == (1, [])


def test_putting_right_takes_none_of_the_four_attempts() -> None:
    steps = [does.fault("ExpiredTokenException"), *[does.bare(500)] * 3]
    around = Around()
    with served(*steps) as endpoint:
        client_of(endpoint, around).put_item(put())

        assert (len(endpoint.requests), around.slept) == (5, [0.025, 0.05, 0.1])


def test_keys_that_stay_expired_are_told() -> None:
    credentials = Given()
    with served(otherwise=does.fault("ExpiredTokenException")) as endpoint:
        failure = failure_of(lambda: client_of(endpoint, credentials=credentials).put_item(put()))

        assert isinstance(failure, RefusedError)
        assert failure.code == "ExpiredTokenException"
        assert (credentials.renewals, len(endpoint.requests)) == (1, 2)


def test_many_calls_with_the_same_expired_keys_renew_them_once() -> None:
    credentials = Given([Keys("OLD", "a"), Keys("NEW", "b"), Keys("TOO NEW", "c")])
    with served(*[does.fault("ExpiredTokenException")] * 3) as endpoint:
        done = client_of(endpoint, credentials=credentials).write([put(1, number) for number in range(3)])

        assert done == [Written(1.0)] * 3
        assert credentials.renewals == 1


def test_a_renewal_that_fails_is_told() -> None:
    class Broken(Given):
        def renewed(self) -> Keys:
            raise OSError("no route to the metadata service")

    with served(does.fault("ExpiredToken")) as endpoint:
        failure = failure_of(lambda: client_of(endpoint, credentials=Broken()).put_item(put()))

        assert isinstance(failure, NoCredentialsError)
        assert "no route" in failure.message


@pytest.mark.parametrize("code", ["InvalidSignatureException", "RequestTimeTooSkewed"])
@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_is_off_is_put_right_by_dynamodbs(code: str, hours: int) -> None:
    around = Around(wall_offset=3600.0 * hours)
    with served(does.fault(code, 403)) as endpoint:
        client = client_of(endpoint, around)
        client.put_item(put(1))
        client.put_item(put(2))
        dates = [request.headers["x-amz-date"] for request in endpoint.requests]
        seconds = [time.mktime(time.strptime(date, "%Y%m%dT%H%M%SZ")) for date in dates]

        assert seconds[1] - seconds[0] == pytest.approx(-3600 * hours, abs=3)
        assert seconds[2] - seconds[1] == pytest.approx(0, abs=3)
        assert around.slept == []


def test_a_bad_signature_at_the_right_time_is_told_at_once() -> None:
    with served(otherwise=does.fault("InvalidSignatureException", 403)) as endpoint:
        failure = failure_of(lambda: client_of(endpoint).put_item(put()))

        assert isinstance(failure, RefusedError)
        assert len(endpoint.requests) == 1
