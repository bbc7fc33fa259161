"""What doors promise of DynamoDB over the lean client: whose keys sign, what is written once, and how long it takes."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pynamodb.exceptions import GetError, TransactWriteError

from chalicelib.access.entitlement_store import EntitlementStore
from chalicelib.edge.carrying import Carrying, client_of
from chalicelib.edge.settings import SettingMissing
from chalicelib.edge.wiring import Wiring
from chalicelib.kernel.errors import Conflict
from chalicelib.storage.deadline import within
from chalicelib.storage.record import Database, Record, TableName
from chalicelib.storage.writes import Busy, Put, Transaction
from infra.local.engine import environment
from tests.unit.metering import endpoint as does
from tests.unit.metering.endpoint import Answer, Endpoint, Request, Step, Tables, served
from tests.unit.metering.test_client import Around
from tests.unit.metering.test_client import client_of as lean_client

SETTINGS = {"ADGANG_STAGE": "unit", "ADGANG_ZONE": "UTC", "DYNAMODB_CLIENT": "lean", "AWS_REGION": "eu-north-1"}
ROLE = {"AWS_ACCESS_KEY_ID": "ASIAROLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token-of-the-role"}
FAILS_ITSELF = does.fault("InternalServerError", 500)
COMMIT = Transaction(pause=lambda _attempt: None)


class ThingRecord(Record):
    """Nothing but its keys."""

    class Meta:
        """Any table with text keys would do."""

        table_name = TableName("access")


class There(Conflict):
    """It is there."""


def written(name: str = "a") -> Put:
    return Put(ThingRecord(f"thing#{name}", "thing"), There(), ThingRecord.pk.does_not_exist())


def done(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
    sock.sendall(Answer(b"{}").bytes())
    return True


@contextmanager
def carried(*script: Step, otherwise: Step = done, around: Around | None = None) -> Iterator[Endpoint]:
    """PynamoDB over the lean client, at an endpoint that does as the script says."""
    with served(*script, otherwise=otherwise) as endpoint:
        Database.use("adgang-unit-")
        Database.carried_by(Carrying(lean_client(endpoint, around)))
        try:
            yield endpoint
        finally:
            Database.forget()
            Database.prefix = None


def tokens(endpoint: Endpoint) -> list[str]:
    return [each.body["ClientRequestToken"] for each in endpoint.requests]


def test_a_door_signs_with_its_roles_keys_from_lambdas_environment_in_lambdas_region() -> None:
    with served(otherwise=done) as endpoint, environment(ROLE):
        wired = Wiring(SETTINGS | {"AWS_ENDPOINT_URL_DYNAMODB": endpoint.url})
        assert wired.entitlements.find("par-1", "ent_a") is None
        Database.forget()
        Database.prefix = None

    (asked,) = endpoint.requests
    assert asked.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=ASIAROLE/")
    assert "/eu-north-1/dynamodb/aws4_request" in asked.headers["authorization"]
    assert asked.headers["x-amz-security-token"] == "token-of-the-role"


def test_the_stores_of_all_wirings_in_a_process_share_one_client() -> None:
    """
    Each would else begin with a connection of its own, and drop those of the others.
    """
    assert client_of("eu-north-1", "http://127.0.0.1:9") is client_of("eu-north-1", "http://127.0.0.1:9")
    assert Carrying(client_of("eu-north-1", None)) == Carrying(client_of("eu-north-1", None))


def test_a_client_that_nobody_knows_stops_the_function() -> None:
    with pytest.raises(SettingMissing):
        _ = Wiring(SETTINGS | {"DYNAMODB_CLIENT": "leaner"}).entitlements


@pytest.mark.parametrize("lost", [does.reset_before, does.hang_before, does.cut, FAILS_ITSELF])
def test_a_transaction_whose_answer_was_lost_is_sent_again_under_the_same_token(lost: Step) -> None:
    """
    DynamoDB writes it once, whether the first attempt was applied or not. Another transaction has another token.
    """
    with carried(_as_done(lost)) as endpoint:
        COMMIT([written("a"), written("b")], None)
        COMMIT([written("c"), written("d")], None)

    first, again, other = tokens(endpoint)
    assert first == again
    assert len({first, other}) == 2
    assert endpoint.requests[0].raw == endpoint.requests[1].raw


def _as_done(step: Step) -> Step:
    """The endpoint's own tables know no transactions; what is cut off here is the answer of one."""
    if step is not does.cut:
        return step

    def cut(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
        sock.sendall(Answer(b'{"ItemCollectionMetrics": {}}').bytes()[:-5])
        return False

    return cut


def test_of_a_transaction_the_write_that_was_refused_is_told_by_dynamodbs_reasons() -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "no"}]
    said = {"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "CancellationReasons": reasons}

    def cancelled(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
        sock.sendall(Answer(json.dumps(said | {"Message": "cancelled"}).encode(), 400).bytes())
        return True

    with carried(cancelled) as endpoint, pytest.raises(There):
        COMMIT([written("a"), written("b")], None)
    assert endpoint.operations == ["TransactWriteItems"]


def test_a_transaction_that_others_hold_up_is_tried_again_as_another() -> None:
    """
    Nothing was written of the one that was cancelled, and its token is used up.
    """
    reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
    said = {"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "CancellationReasons": reasons}

    def cancelled(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
        sock.sendall(Answer(json.dumps(said).encode(), 400).bytes())
        return True

    with carried(cancelled) as endpoint:
        COMMIT([written("a"), written("b")], None)
    assert len(set(tokens(endpoint))) == 2


def test_what_is_throttled_is_waited_out() -> None:
    around = Around()
    with carried(does.fault("ThrottlingException"), around=around) as endpoint:
        COMMIT([written("a"), written("b")], None)
    assert (len(endpoint.requests), around.slept) == (2, [1.0])


def test_a_request_that_is_throttled_all_the_time_is_told_to_come_again_before_its_time_is_up() -> None:
    """
    There is no time for the second that the client would wait, nor after two pauses for a third try.
    """
    slow = Transaction(pause=lambda _attempt: time.sleep(0.2))
    with carried(otherwise=does.fault("ThrottlingException")) as endpoint, within(0.3), pytest.raises(Busy):
        slow([written("a"), written("b")], None)
    assert 1 <= len(endpoint.requests) <= 2


def test_a_request_waits_for_a_silent_database_no_longer_than_its_time_whichever_call_it_is() -> None:
    """
    The first call takes what there is; the next one is not sent any more.
    """
    with carried(otherwise=does.hang_before) as endpoint, within(0.4):
        began = time.monotonic()
        for _ in range(2):
            with pytest.raises(TransactWriteError):
                COMMIT([written("a"), written("b")], None)
        assert time.monotonic() - began < 1.0
        asked = len(endpoint.requests)
        with pytest.raises(GetError):
            ThingRecord.find("thing#a", "thing")
        assert len(endpoint.requests) == asked


def test_a_request_of_a_door_has_a_time_of_its_own_and_a_worker_has_none() -> None:
    from chalicelib.storage import deadline  # noqa: PLC0415 -- what the wiring loads with the first request

    assert deadline.ends() == float("inf")
    with Wiring(SETTINGS).counted():
        assert 0 < deadline.ends() - time.monotonic() <= deadline.MOST_SECONDS
    assert deadline.ends() == float("inf")


@pytest.mark.parametrize("step", [does.fault("ThrottlingException"), FAILS_ITSELF, does.reset_before])
def test_whoever_asks_for_an_entitlement_is_told_when_there_is_no_answer_just_now(step: Step) -> None:
    with carried(otherwise=step, around=Around()), pytest.raises(Busy):
        EntitlementStore().find("par-1", "ent_a")


def test_but_not_that_it_would_help_to_ask_again_where_it_would_not() -> None:
    with carried(otherwise=does.fault("AccessDeniedException")), pytest.raises(GetError):
        EntitlementStore().find("par-1", "ent_a")
