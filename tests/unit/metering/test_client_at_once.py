"""Several writes at once, several threads, and many failures in a row."""

import random
import socket
import threading
import time

import pytest

from chalicelib.metering.client import ConditionFailedError, Retrying, Timeouts, UnansweredError, Written
from tests.unit.metering import endpoint as does
from tests.unit.metering.endpoint import served
from tests.unit.metering.test_client import PASSING, TABLE, Around, client_of, head, key, put


def test_writes_go_at_once_and_each_is_reported_by_itself() -> None:
    """
    All but the throttled one are done in the first round; the conflict is told with its item.
    """
    around = Around()
    with served() as endpoint:
        client = client_of(endpoint, around, width=4)
        client.put_item(put(1, 2))
        throttled = iter([True])

        def step(sock: socket.socket, request: does.Request, tables: does.Tables) -> bool:
            is_third = request.body["Item"]["pk"]["S"] == "subject#ride-3"
            return (does.fault("ThrottlingException") if is_third and next(throttled, False) else does.ok)(
                sock, request, tables
            )

        endpoint.otherwise = step
        done = client.write([put(1, number) for number in range(10)])
        failed = done.pop(2)

        assert done == [Written(1.0)] * 9
        assert isinstance(failed, ConditionFailedError)
        assert failed.item == head(1, 2)
        assert around.slept == [1.0]
        assert endpoint.connections <= 4
        assert len(endpoint.requests) == 1 + 10 + 1


def test_writes_at_once_wait_for_one_another_and_not_each_for_itself() -> None:
    def slow(sock: socket.socket, request: does.Request, tables: does.Tables) -> bool:
        time.sleep(0.1)
        return does.ok(sock, request, tables)

    with served(otherwise=slow) as endpoint:
        client = client_of(endpoint, width=8, timeouts=Timeouts())
        begun = time.monotonic()
        assert client.write([put(1, number) for number in range(8)]) == [Written(1.0)] * 8
        assert time.monotonic() - begun < 0.4


def test_all_hanging_at_once_costs_one_timeout_a_round() -> None:
    with served(*[does.hang_after] * 8) as endpoint:
        begun = time.monotonic()
        done = client_of(endpoint, width=8).write([put(1, number) for number in range(8)])

        assert [type(each) for each in done] == [ConditionFailedError] * 8
        assert len(endpoint.tables.applied) == 8
        assert time.monotonic() - begun < 0.7


def test_an_answer_that_came_while_another_hung_is_read_though_the_time_is_up() -> None:
    def hanging_on_the_first(sock: socket.socket, request: does.Request, tables: does.Tables) -> bool:
        is_first = request.body["Item"]["pk"] == key(0)["pk"]
        return (does.hang_before if is_first else does.ok)(sock, request, tables)

    with served(otherwise=hanging_on_the_first) as endpoint:
        client = client_of(endpoint, timeouts=Timeouts())
        first, *others = client.write([put(1, number) for number in range(4)], deadline=client.deadline(0.3))

        assert isinstance(first, UnansweredError)
        assert first.uncertain
        assert others == [Written(1.0)] * 3


def test_threads_share_a_client() -> None:
    with served() as endpoint:
        client = client_of(endpoint, timeouts=Timeouts())
        failures: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for version in range(1, 21):
                    client.put_item(put(version, number))
                    assert client.get_item(TABLE, key(number)).item == head(version, number)
            except BaseException as error:  # noqa: BLE001 -- told by the test itself
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert failures == []
        assert len(endpoint.tables.applied) == 120


@pytest.mark.parametrize("seed", range(30))
def test_whatever_fails_a_counter_is_raised_exactly_once_for_each_act(seed: int) -> None:
    """
    A caller that reads again when told to is never off by one: no write is lost, none is applied twice unnoticed.
    """
    chance = random.Random(seed)
    steps = [step for step, _ in PASSING.values() if step not in (does.hang_before, does.hang_after)]
    script = [chance.choice([*steps, does.ok, does.chunked, does.then_closed]) for _ in range(30)]
    with served(*script) as endpoint:
        client = client_of(endpoint, Around(), retrying=Retrying(attempts=70), timeouts=Timeouts(call=1e9))
        for version in range(1, 11):
            (done,) = client.write([put(version)])
            own = isinstance(done, ConditionFailedError) and done.uncertain and done.item == head(version)
            assert own or done == Written(1.0)

        assert [item["version"]["N"] for item in endpoint.tables.applied] == [str(each) for each in range(1, 11)]
