"""Bodies and queries that do not fit: the problem names the field at fault, and nothing is stored."""

import pytest

from tests.doors.callers import SINGLE, Caller, done, refused
from tests.doors.world import Customer, Partner, World

QUOTES = "/mobile/v1/quotes"
PLACE = {"name": "Kaivopuisto", "latitude": "60.1557", "longitude": "24.9503"}
BROKEN = [b"{", b"", b"{'code': 1}", b'{"code" 1}', b"\xff\xfe", b'{"', b"nul"]


@pytest.fixture(scope="module")
def customer(world: World) -> Customer:
    """One for all: these tests change nothing."""
    return world.customer()


@pytest.mark.parametrize("raw", BROKEN)
def test_a_body_that_is_no_json_is_malformed(customer: Customer, partner: Partner, world: World, raw: bytes) -> None:
    for caller, path in (
        (customer, QUOTES),
        (customer, "/mobile/v1/access-sessions"),
        (partner, "/partner/v1/keys"),
        (world.operator, "/finance/v1/partners"),
    ):
        refused(caller.post(path, raw=raw), 400, "malformed")
    refused(partner.put("/partner/v1/places/p1", raw=raw), 400, "malformed")
    refused(partner.put("/partner/v1/places", raw=raw), 400, "malformed")


@pytest.mark.parametrize(
    "raw", [b"[" * 5000, b'{"code": }', b'{"code":"A"} trailing', b'{"code":' * 5000, b"null", b"1e999", b"{} {}"]
)
def test_a_body_that_is_wrong_in_several_ways_is_told_one_of_them(
    customer: Customer, partner: Partner, raw: bytes
) -> None:
    for caller, path in ((customer, QUOTES), (partner, "/partner/v1/keys")):
        reply = caller.post(path, raw=raw)
        assert (reply.status, reply.json["code"]) in {(400, "malformed"), (422, "body_invalid")}


def test_an_unknown_field_is_refused_and_named(customer: Customer, partner: Partner, world: World) -> None:
    """
    A misspelt field would otherwise be a wish that is not heard.
    """
    sign_up = {"terms_version": "1", "languge": "fi"}
    refused(world.visitor().post("/mobile/v1/me", sign_up), 422, "body_invalid", "/languge")
    refused(customer.post(QUOTES, {"code": "A", "seconds": 1}, key=None), 422, "body_invalid", "/seconds")
    refused(partner.put("/partner/v1/places/p1", {**PLACE, "size": 1}), 422, "body_invalid", "/size")
    rows = {"places": [{**PLACE, "place_id": "p2", "size": 1}]}
    (row,) = done(partner.put("/partner/v1/places", rows))["rows"]
    assert (row["refused"]["code"], row["refused"]["pointer"]) == ("body_invalid", "/size")
    refused(partner.put("/partner/v1/places", {**rows, "size": 1}), 422, "body_invalid", "/size")
    refused(world.operator.post("/finance/v1/partners", {"name": "x", "id": "y"}), 422, "body_invalid", "/id")
    refused(
        world.finance.post("/finance/v1/closes", {"month": "2021-04", "force": True}), 422, "body_invalid", "/force"
    )
    assert [partner.get(f"/partner/v1/places/{each}").status for each in ("p1", "p2")] == [404, 404]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ([], ""),
        ({"code": 7}, "/code"),
        ({"code": ""}, "/code"),
        ({"code": None}, "/code"),
        ({"code": "x" * 201}, "/code"),
        ({"code": "A", "need": []}, "/need"),
        ({"code": "A", "need": {"use_seconds": 5}}, "/need/use_seconds"),
        ({"code": "A", "need": {"use_seconds": None}}, "/need/use_seconds"),
    ],
)
def test_a_field_of_the_wrong_shape_is_pointed_at(customer: Customer, body: object, pointer: str) -> None:
    refused(customer.post(QUOTES, body, key=None), 422, "body_invalid", pointer)


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "json"])
def test_another_media_type_is_not_read(customer: Customer, partner: Partner, world: World, media_type: str) -> None:
    for caller, method, path in (
        (customer, "POST", QUOTES),
        (world.visitor(), "POST", "/mobile/v1/me"),
        (partner, "PUT", "/partner/v1/places/p9"),
        (partner, "POST", "/partner/v1/events"),
        (world.operator, "POST", "/finance/v1/partners"),
    ):
        reply = caller.ask(method, path, PLACE, media_type=media_type)
        refused(reply, 415, "unsupported_media_type")
    assert partner.get("/partner/v1/places/p9").status == 404


def test_events_are_no_plain_json_and_plain_json_is_no_event(customer: Customer, partner: Partner) -> None:
    refused(partner.post("/partner/v1/events", {}, key=None), 415, "unsupported_media_type")
    refused(customer.post(QUOTES, {"code": "A"}, media_type=SINGLE), 415, "unsupported_media_type")


def test_a_media_type_may_have_parameters(customer: Customer, code: str) -> None:
    reply = customer.post(QUOTES, {"code": code}, media_type="Application/JSON; charset=utf-8", key=None)

    assert reply.status == 200, reply


def too_large(caller: Caller, method: str, path: str, size: int, media_type: str = "application/json") -> None:
    raw = b'{"code":"' + b"x" * size + b'"}'
    problem = refused(caller.ask(method, path, raw=raw, media_type=media_type), 413, "body_too_large")
    assert problem["facts"]["most_bytes"] < len(raw)


def test_a_body_over_the_doors_bound_is_too_large(customer: Customer, partner: Partner, world: World) -> None:
    too_large(customer, "POST", QUOTES, 70_000)
    too_large(customer, "POST", "/mobile/v1/access-sessions", 70_000)
    too_large(partner, "PUT", "/partner/v1/places/p1", 70_000)
    too_large(partner, "PUT", "/partner/v1/places", 1_100_000)
    too_large(world.nobody, "POST", "/workers/v1/stripe/webhooks", 300_000)
    too_large(partner, "POST", "/partner/v1/events", 4_300_000, SINGLE)
    too_large(world.operator, "POST", "/finance/v1/partners", 70_000)
    too_large(world.nobody, "POST", "/workers/v1/stripe/webhooks", 300_000)


def test_an_import_of_more_rows_than_are_taken_is_refused_whole(partner: Partner) -> None:
    rows = [{**PLACE, "place_id": f"many-{number}"} for number in range(501)]

    refused(partner.put("/partner/v1/places", {"places": rows}), 422, "body_invalid", "/places")
    refused(partner.put("/partner/v1/places", {"places": []}), 422, "body_invalid", "/places")

    assert partner.get("/partner/v1/places/many-0").status == 404


def test_a_bad_row_of_an_import_is_reported_and_stops_no_other(partner: Partner) -> None:
    rows = [
        {**PLACE, "place_id": "good-1"},
        {**PLACE, "place_id": "bad-1", "latitude": "north"},
        {**PLACE, "place_id": "bad-2", "longitude": "181"},
        {**PLACE, "place_id": "bad 3"},
        {**PLACE, "place_id": "good-2"},
    ]

    report = done(partner.put("/partner/v1/places", {"places": rows}))

    assert (report["stored"], report["refused"]) == (2, 3)
    assert [row["outcome"] for row in report["rows"]] == ["stored", "refused", "refused", "refused", "stored"]
    pointers = [row["refused"]["pointer"] for row in report["rows"] if "refused" in row]
    assert pointers == ["/latitude", "/longitude", "/place_id"]
    assert [partner.get(f"/partner/v1/places/{row['id']}").status for row in report["rows"][:2]] == [200, 404]


@pytest.mark.parametrize(
    ("field", "value"),
    [("latitude", "NaN"), ("latitude", "Infinity"), ("longitude", "-181"), ("latitude", "1e400"), ("capacity", -1)],
)
def test_a_place_that_is_nowhere_is_refused_and_the_field_named(partner: Partner, field: str, value: object) -> None:
    refused(partner.put("/partner/v1/places/p1", {**PLACE, field: value}), 422, "bad_catalogue_entry", f"/{field}")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        ("lmit=5", "/lmit"),
        ("after=" + "x" * 301, "/after"),
    ],
)
def test_a_query_that_does_not_fit_is_refused_and_named(
    customer: Customer, partner: Partner, world: World, query: str, pointer: str
) -> None:
    for caller, path in (
        (customer, "/mobile/v1/invoices"),
        (customer, "/mobile/v1/notices"),
        (partner, "/partner/v1/assets"),
        (world.finance, "/finance/v1/exports"),
        (world.operator, "/finance/v1/parked"),
    ):
        refused(caller.get(f"{path}?{query}"), 422, "query_invalid", pointer)


def test_a_query_where_none_is_taken_is_refused_and_named(customer: Customer) -> None:
    refused(customer.get("/mobile/v1/me?verbose=1"), 422, "query_invalid", "/verbose")


@pytest.mark.parametrize(
    "after", ["x", "acc_x:2021-05:1", "::", "a:2021-99:1", "a:2021-05:99999", "%00", "%F0%9F%9A%B2"]
)
def test_a_page_after_nothing_that_is_there_is_empty_or_refused_and_never_a_failure(
    customer: Customer, partner: Partner, after: str
) -> None:
    for caller, path in (
        (customer, "/mobile/v1/invoices"),
        (customer, "/mobile/v1/notices"),
        (partner, "/partner/v1/places"),
    ):
        assert caller.get(f"{path}?after={after}").status in (200, 404, 422)


def test_an_address_or_a_method_that_is_not_there_is_refused(customer: Customer) -> None:
    for method, path in (("GET", "/mobile/v1/nothing"), ("PATCH", "/mobile/v1/me"), ("GET", "/mobile/v1/quotes")):
        reply = customer.ask(method, path)
        assert reply.status in (403, 404, 405), reply
