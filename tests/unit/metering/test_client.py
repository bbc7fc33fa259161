"""The lean client against an endpoint that fails by a script: what is tried again, how often, and what is reported."""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.metering.client import (
    Client,
    ClientError,
    ConditionFailedError,
    ContendedError,
    Delete,
    Expression,
    Found,
    Item,
    Put,
    RefusedError,
    Surroundings,
    Timeouts,
    UnansweredError,
    Written,
)
from chalicelib.metering.client_signing import Keys
from chalicelib.storage.capacity import counted
from tests.unit.metering import endpoint as does
from tests.unit.metering.endpoint import NEW, VERSION, Endpoint, Step, served

TABLE = "metering"
QUICK = Timeouts(connect=1.0, read=0.15, call=20.0)


@dataclass
class Around:
    """A clock that sleeping moves, and a chance that is always the highest."""

    slept: list[float] = field(default_factory=list)
    wall_offset: float = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + sum(self.slept)

    def given(self) -> Surroundings:
        return Surroundings(lambda: time.time() + self.wall_offset, self.monotonic, self.slept.append, lambda: 1.0)


@dataclass
class Given:
    """Credentials from a list; the last ones stay."""

    keys: list[Keys] = field(default_factory=lambda: [Keys("AKID", "secret", "token")])
    renewals: int = 0

    def current(self) -> Keys:
        return self.keys[0]

    def renewed(self) -> Keys:
        self.renewals += 1
        if len(self.keys) > 1:
            self.keys.pop(0)
        return self.keys[0]


def client_of(endpoint: Endpoint, around: Around | None = None, **settings: Any) -> Client:  # noqa: ANN401 -- as Client's
    fixed = {"region": "eu-north-1", "credentials": Given(), "timeouts": QUICK, "endpoint": endpoint.url}
    return Client(**{**fixed, "surroundings": (around or Around()).given(), **settings})


def key(number: int = 1) -> Item:
    return {"pk": {"S": f"subject#ride-{number}"}, "sk": {"S": "head#2021-05"}}


def head(version: int = 1, number: int = 1) -> Item:
    return {**key(number), "version": {"N": str(version)}, "tail": {"B": bytes([version, 0, 255])}}


def put(version: int = 1, number: int = 1) -> Put:
    """The head's next version, if the one before is stored."""
    before = Expression(NEW) if version == 1 else Expression(VERSION, {":v": {"N": str(version - 1)}})
    return Put(TABLE, head(version, number), before)


def failure_of(act: Callable[[], object]) -> ClientError:
    with pytest.raises(ClientError) as raised:
        act()
    return raised.value


def test_what_was_put_comes_back_and_is_counted() -> None:
    with served() as endpoint, counted() as used:
        client = client_of(endpoint)

        assert client.get_item(TABLE, key()) == Found(None, 1.0)
        assert client.put_item(put()) == Written(1.0)
        assert client.get_item(TABLE, key()) == Found(head(), 1.0)
        assert client.delete_item(Delete(TABLE, key())) == Written(1.0)
        assert client.get_item(TABLE, key()) == Found(None, 1.0)
        assert used.units == 5.0
        assert endpoint.connections == 1


def test_a_failed_condition_brings_the_stored_item_and_is_not_tried_again() -> None:
    with served() as endpoint:
        client = client_of(endpoint)
        client.put_item(put(1))
        failure = failure_of(lambda: client.put_item(put(1)))

        assert isinstance(failure, ConditionFailedError)
        assert (failure.item, failure.uncertain, failure.attempts) == (head(1), False, 1)
        assert len(endpoint.requests) == 2


PASSING: dict[str, tuple[Step, float]] = {
    "throttled": (does.fault("ThrottlingException"), 1.0),
    "throughput": (does.fault("ProvisionedThroughputExceededException"), 1.0),
    "limit": (does.fault("RequestLimitExceeded"), 1.0),
    "transaction in progress": (does.fault("TransactionInProgressException"), 1.0),
    "429": (does.bare(429), 1.0),
    "500": (does.fault("InternalServerError", 500), 0.025),
    "502": (does.bare(502), 0.025),
    "503": (does.bare(503, b""), 0.025),
    "504": (does.bare(504), 0.025),
    "reset before": (does.reset_before, 0.025),
    "reset after": (does.reset_after, 0.025),
    "hangs before": (does.hang_before, 0.025),
    "hangs after": (does.hang_after, 0.025),
    "cut off": (does.cut, 0.025),
    "wrong checksum": (does.wrong_checksum, 0.025),
    "unreadable": (does.unreadable, 0.025),
}
APPLIED = ("reset after", "hangs after", "cut off", "wrong checksum", "unreadable")
DOUBTFUL = (*APPLIED, "reset before", "hangs before", "500", "502", "503", "504")


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_tried_four_times_with_doubling_pauses(name: str) -> None:
    step, first = PASSING[name]
    around = Around()
    with served(*[step] * 3) as endpoint:
        found = client_of(endpoint, around).get_item(TABLE, key())

        assert found.item is None
        assert around.slept == [first, 2 * first, 4 * first]
        assert endpoint.operations == ["GetItem"] * 4


@pytest.mark.parametrize("name", PASSING)
def test_after_the_fourth_attempt_it_is_unanswered(name: str) -> None:
    step, _ = PASSING[name]
    around = Around()
    with served(otherwise=step) as endpoint:
        failure = failure_of(lambda: client_of(endpoint, around).put_item(Put(TABLE, head())))

        assert isinstance(failure, UnansweredError)
        assert failure.attempts == len(endpoint.requests) == 4
        assert failure.uncertain == (name in DOUBTFUL)
        assert len(around.slept) == 3


@pytest.mark.parametrize("name", PASSING)
def test_a_conditional_put_is_applied_once_and_a_doubt_is_told(name: str) -> None:
    """
    Whatever happens to the first attempt: the write counts once. If the first was applied, the second fails its
    condition, and says that it may have met its own write, with the item to tell by.
    """
    step, _ = PASSING[name]
    with served(step) as endpoint:
        client = client_of(endpoint)
        try:
            written: Written | ConditionFailedError = client.put_item(put())
        except ConditionFailedError as error:
            written = error

        assert len(endpoint.tables.applied) == 1
        assert len(endpoint.requests) == 2
        if name in APPLIED:
            assert isinstance(written, ConditionFailedError)
            assert (written.uncertain, written.item, written.attempts) == (True, head(), 2)
        else:
            assert written == Written(1.0)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_may_have_been_applied(status: int) -> None:
    with served(does.applied_fault(status)) as endpoint:
        failure = failure_of(lambda: client_of(endpoint).put_item(put()))

        assert isinstance(failure, ConditionFailedError)
        assert failure.uncertain
        assert failure.item == head()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ValidationException", 400),
        ("AccessDeniedException", 400),
        ("ResourceNotFoundException", 400),
        ("SerializationException", 400),
        ("UnrecognizedClientException", 400),
        ("ItemCollectionSizeLimitExceededException", 400),
        ("ValidationException", 413),
        ("Moved", 301),
    ],
)
def test_what_lasts_is_told_at_once(code: str, status: int) -> None:
    around = Around()
    with served(does.fault(code, status)) as endpoint:
        failure = failure_of(lambda: client_of(endpoint, around).put_item(put()))

        assert isinstance(failure, RefusedError)
        assert (failure.code, failure.message, failure.uncertain) == (code, "said the script", False)
        assert (len(endpoint.requests), around.slept) == (1, [])


def test_a_write_that_meets_a_transaction_is_told_apart() -> None:
    with served(does.fault("TransactionConflictException")) as endpoint:
        failure = failure_of(lambda: client_of(endpoint).put_item(put()))

        assert isinstance(failure, ContendedError)
        assert len(endpoint.requests) == 1


@pytest.mark.parametrize("step", [does.chunked, does.closing, does.then_closed, does.interim])
def test_any_form_of_answer_is_understood_and_the_next_call_goes_well(step: Step) -> None:
    around = Around()
    with served(step, step) as endpoint:
        client = client_of(endpoint, around)
        client.put_item(put(1))
        time.sleep(0.05)

        assert client.get_item(TABLE, key()).item == head(1)
        assert (len(endpoint.requests), around.slept) == (2, [])


def test_a_pause_that_does_not_fit_before_the_deadline_is_not_made() -> None:
    around = Around()
    with served(otherwise=does.fault("ThrottlingException")) as endpoint:
        client = client_of(endpoint, around)
        failure = failure_of(lambda: client.put_item(put(), deadline=client.deadline(2.5)))

        assert isinstance(failure, UnansweredError)
        assert (around.slept, failure.attempts, len(endpoint.requests)) == ([1.0], 2, 2)


def test_a_hanging_endpoint_costs_no_more_than_the_deadline() -> None:
    around = Around()
    with served(otherwise=does.hang_before) as endpoint:
        client = client_of(endpoint, around, timeouts=Timeouts(read=5.0))
        begun = time.monotonic()
        failure = failure_of(lambda: client.put_item(put(), deadline=client.deadline(0.2)))

        assert isinstance(failure, UnansweredError)
        assert failure.uncertain
        assert 0.1 < time.monotonic() - begun < 2


def test_after_the_deadline_nothing_is_sent() -> None:
    with served() as endpoint:
        client = client_of(endpoint)
        client.put_item(put(1))
        failure = failure_of(lambda: client.put_item(put(2), deadline=client.deadline(-1)))

        assert isinstance(failure, UnansweredError)
        assert not failure.uncertain
        assert len(endpoint.requests) == 1


def test_a_success_gives_back_what_its_retry_took() -> None:
    with served(does.bare(500), does.ok, does.fault("SlowDown"), does.ok, does.leaving(1)) as endpoint:
        client = client_of(endpoint)
        for _ in range(2):
            client.get_item(TABLE, key())
            assert client._calls.quota.left == 500
        client.batch_get(TABLE, [key(1), key(2)])

        assert client._calls.quota.left == 500


def test_an_interrupted_call_leaves_no_answer_behind_for_the_next() -> None:
    """
    Interrupted at its first answer, with others under way: their connections are not used again.
    """

    def interrupt() -> float:
        raise KeyboardInterrupt

    with served(does.fault("ThrottlingException")) as endpoint:
        around = Around().given()
        client = client_of(endpoint, surroundings=around._replace(random=interrupt))
        with pytest.raises(KeyboardInterrupt):
            client.write([put(1, number) for number in range(6)])

        assert [client.get_item(TABLE, key(number)).item for number in range(7, 20)] == [None] * 13


def test_an_endpoint_that_is_not_there_is_tried_four_times_and_nothing_is_in_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    around = Around()
    client = Client(region="eu-north-1", credentials=Given(), surroundings=around.given(), endpoint=url)
    failure = failure_of(lambda: client.put_item(put()))

    assert isinstance(failure, UnansweredError)
    assert (failure.attempts, failure.uncertain, around.slept) == (4, False, [0.025, 0.05, 0.1])


def test_an_empty_quota_ends_retries_for_all_calls() -> None:
    """
    500 in all, 14 a retry of what is broken: 35 retries, then each call is tried once.
    """
    with served(otherwise=does.bare(500)) as endpoint:
        client = client_of(endpoint)
        tried = [failure_of(lambda: client.get_item(TABLE, key())).attempts for _ in range(15)]

        assert tried == [4] * 11 + [3] + [1] * 3
