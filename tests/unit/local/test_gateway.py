"""The local gateway does to a request what API Gateway and Lambda do to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from infra.local.apps import LoadedApp, load_app
from infra.local.gateway import Gateway

APP = Path(__file__).with_name("sample_app.py")


@pytest.fixture
def loaded() -> LoadedApp:
    return load_app(APP, "sample")


@pytest.fixture
def client(loaded: LoadedApp) -> Client:
    return Client(Gateway({"/sample": loaded}))


def event_of(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.data
    event: dict[str, Any] = answer.json["event"]
    return event


def test_the_event_is_what_lambda_gets(client: Client) -> None:
    """
    Names, nulls and doubled forms of the REST proxy event, version 1.
    """
    answer = client.get(
        "/sample/things/a%2Fb?colour=red&colour=blue&empty=", headers={"X-Thing": "yes", "Authorization": "Bearer x"}
    )

    event = event_of(answer)
    assert answer.json["thing_id"] == "a%2Fb"
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/things/{thing_id}", "/things/a%2Fb", "GET")
    assert event["pathParameters"] == {"thing_id": "a%2Fb"}
    assert event["queryStringParameters"] == {"colour": "blue", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"colour": ["red", "blue"], "empty": [""]}
    assert event["headers"]["X-Thing"] == "yes"
    assert event["multiValueHeaders"]["X-Thing"] == ["yes"]
    assert (event["body"], event["isBase64Encoded"], event["stageVariables"]) == (None, False, None)
    context = event["requestContext"]
    assert (context["path"], context["stage"]) == ("/sample/things/a%2Fb", "sample")
    assert context["resourcePath"] == "/things/{thing_id}"
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["requestId"]


def test_nothing_asked_for_is_null_and_not_empty(client: Client) -> None:
    event = event_of(client.post("/sample/text", content_type="text/plain"))

    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["pathParameters"] is None
    assert event["body"] is None


def test_a_text_body_comes_as_text_and_a_binary_one_as_base64(client: Client) -> None:
    text = event_of(client.post("/sample/text", data="åäö".encode(), content_type="text/plain"))
    binary = event_of(client.post("/sample/text", data=b"PK\xff", content_type="application/zip"))

    assert (text["body"], text["isBase64Encoded"]) == ("åäö", False)
    assert (binary["body"], binary["isBase64Encoded"]) == ("UEv/", True)


def test_text_that_is_no_utf_8_is_mended_as_the_gateway_mends_it(client: Client) -> None:
    event = event_of(client.post("/sample/text", data=b"a\xffb", content_type="text/plain"))

    assert event["body"] == "a�b"


def test_a_binary_answer_is_sent_as_bytes(client: Client) -> None:
    answer = client.get("/sample/zip", headers={"Accept": "application/zip"})

    assert (answer.data, answer.headers["Content-Type"]) == (b"PK\x00\xff", "application/zip")


@pytest.mark.parametrize("path", ["/sample/nothing", "/sample/things", "/sample/things/", "/sample/things/1/2"])
def test_an_unknown_path_never_reaches_the_app(client: Client, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.json) == (403, {"message": "Missing Authentication Token"})


def test_an_unknown_method_never_reaches_the_app(client: Client) -> None:
    assert client.delete("/sample/things/1").status_code == 403
    assert client.head("/sample/things/1").status_code == 403


def test_an_unknown_prefix_is_nobodys(client: Client) -> None:
    assert client.get("/elsewhere").status_code == 403
    assert client.get("/").status_code == 403


def test_a_literal_path_wins_over_a_parameter(client: Client) -> None:
    assert client.get("/sample/things/special").json == {"special": True}
    assert client.get("/sample/things/special/").json == {"special": True}


def test_the_root_is_a_route_too(client: Client) -> None:
    assert client.get("/sample").json == {"root": True}
    assert client.get("/sample/").json == {"root": True}


def test_a_preflight_is_answered_without_the_app_where_a_route_has_cors(client: Client) -> None:
    answer = client.options("/sample/things/1")

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,PUT,OPTIONS"
    assert client.options("/sample/text").status_code == 403


def test_headers_that_the_gateway_keeps_for_itself_are_renamed(client: Client) -> None:
    """
    A `WWW-Authenticate` set by an app arrives under another name in production; better to know it here.
    """
    answer = client.get("/sample/headers")

    assert "WWW-Authenticate" not in answer.headers
    assert answer.headers["x-amzn-Remapped-WWW-Authenticate"] == "Bearer"
    assert answer.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers["X-One"] == "1"


def test_ten_megabytes_are_the_most_that_the_gateway_takes_and_six_that_lambda_does(client: Client) -> None:
    def sent(size: int) -> int:
        return client.post("/sample/text", data=b"x" * size, content_type="text/plain").status_code

    assert sent(10 * 1024 * 1024 + 1) == 413
    assert sent(6 * 1024 * 1024) == 413
    assert sent(2 * 1024 * 1024) == 200


def test_an_answer_over_six_megabytes_is_a_bad_gateway(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    answer = client.get("/sample/large")

    assert (answer.status_code, answer.json) == (502, {"message": "Internal server error"})
    assert "over 6 MB" in capsys.readouterr().err


def test_an_authorizer_decides_before_the_route(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    def asked(token: str) -> TestResponse:
        return client.get("/sample/private", headers={"Authorization": token})

    assert client.get("/sample/private").status_code == 401
    assert asked("friend").json == {"authorizer": {"age": "7", "principalId": "friend"}}
    assert asked("stranger").status_code == 403
    assert asked("nobody").status_code == 401
    assert asked("broken").status_code == 500
    assert capsys.readouterr().err == ""


def test_an_authorizers_answer_is_kept_per_token(client: Client, loaded: LoadedApp) -> None:
    for _ in range(3):
        client.get("/sample/private", headers={"Authorization": "friend"})

    assert loaded.module.seen == ["friend"]


def test_two_requests_at_once_do_not_see_each_other(client: Client) -> None:
    """
    Chalice keeps the request at hand on the app; Lambda runs one at a time, this process does not.
    """
    answers: dict[str, Any] = {}

    def ask(name: str) -> None:
        answers[name] = client.get(f"/sample/together/{name}").json

    threads = [threading.Thread(target=ask, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {name: {"asked": name, "at_hand": name} for name in ("one", "two")}


def test_whoever_watches_knows_which_door_is_at_work(loaded: LoadedApp) -> None:
    entered: list[str] = []

    @contextmanager
    def during(name: str) -> Iterator[None]:
        entered.append(name)
        yield
        entered.append(f"{name} left")

    client = Client(Gateway({"/sample": loaded}, during))
    client.get("/sample/")
    client.get("/sample/nothing")

    assert entered == ["sample", "sample left"]


def test_an_app_that_fails_is_a_bad_gateway(
    client: Client, loaded: LoadedApp, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(loaded.app), "__call__", lambda *_: {"statusCode": "200"})

    assert client.get("/sample/").status_code == 502
    assert "MalformedAnswerError" in capsys.readouterr().err


def test_event_handlers_are_found_by_name(loaded: LoadedApp) -> None:
    event = {
        "version": "0", "account": "1", "region": "eu-north-1", "detail": {}, "detail-type": "Scheduled Event",
        "source": "aws.events", "time": "2021-06-01T00:00:00Z", "id": "1", "resources": [],
    }  # fmt: skip

    loaded.handler("hourly")(event, loaded.context("hourly"))

    assert "Scheduled Event" in loaded.module.seen[-1]
    with pytest.raises(LookupError, match="no handler daily"):
        loaded.handler("daily")


def test_each_load_is_a_fresh_app() -> None:
    assert load_app(APP, "one").module is not load_app(APP, "one").module
