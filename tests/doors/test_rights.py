"""Who may do what, route by route. A new route without a decision here fails."""

import itertools
from urllib.parse import quote

import pytest

from chalicelib.edge.audit import AUDITED
from chalicelib.finance.audit_store import AuditItem
from tests.doors.callers import BATCH, Caller, done, refused
from tests.doors.world import World

READ = {"finance", "finance-read"}
ACT = {"finance"}
OPERATE = {"operator"}
FINANCE: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/partners"): OPERATE,
    ("GET", "/v1/partners"): READ,
    ("GET", "/v1/partners/{partner_id}/keys"): OPERATE,
    ("POST", "/v1/partners/{partner_id}/keys"): OPERATE,
    ("DELETE", "/v1/partners/{partner_id}/keys/{key_id}"): OPERATE,
    ("GET", "/v1/parked"): OPERATE,
    ("POST", "/v1/parked/{account_id}/{month}/release"): OPERATE,
    ("PUT", "/v1/fare-caps/{month}"): OPERATE,
    ("GET", "/v1/fare-caps/{month}"): READ,
    ("PUT", "/v1/categories/{category_id}"): OPERATE,
    ("GET", "/v1/categories"): OPERATE,
    ("GET", "/v1/categories/{category_id}"): OPERATE,
    ("GET", "/v1/categories/{category_id}/history"): OPERATE,
    ("GET", "/v1/accounts/{account_id}/proofs"): READ,
    ("GET", "/v1/accounts/{account_id}/proofs/{number}"): READ,
    ("POST", "/v1/closes"): ACT,
    ("GET", "/v1/closes/{month}"): READ,
    ("GET", "/v1/audit"): {"auditor"},
    ("POST", "/v1/reconciliations"): ACT,
    ("GET", "/v1/reconciliation/{month}"): READ,
    ("GET", "/v1/unbilled-usage/{month}"): READ,
    ("POST", "/v1/closes/{month}/reopening"): ACT,
    ("GET", "/v1/closes/{month}/failed"): READ,
    ("POST", "/v1/closes/{month}/failed/{account_id}/again"): ACT,
    ("POST", "/v1/exports"): ACT,
    ("GET", "/v1/exports"): READ,
    ("GET", "/v1/exports/{month}"): READ,
    ("GET", "/v1/exports/{month}/{version}/{name}"): READ,
    ("GET", "/v1/exports/{month}/{version}/partners"): READ,
    ("GET", "/v1/exports/{month}/{version}/partners/{name}"): READ,
    ("GET", "/v1/notices"): READ,
    **{
        ("GET", f"/v1/{each}/{{month}}"): READ
        for each in ("profit", "customer-values", "behaviour", "purchases", "recognition", "report")
    },
    ("GET", "/v1/journal/{month}"): READ,
    ("GET", "/v1/trial-balance"): READ,
    ("PUT", "/v1/partners/{partner_id}/share/{month}"): ACT,
    ("GET", "/v1/partners/{partner_id}/shares"): READ,
    ("GET", "/v1/partners/{partner_id}/statements/{month}"): READ,
    ("PUT", "/v1/tax-rates/{month}"): ACT,
    ("PUT", "/v1/sellers/{seller_id}"): ACT,
    ("GET", "/v1/sellers"): READ,
    ("PUT", "/v1/partners/{partner_id}/seller/{month}"): ACT,
    ("PUT", "/v1/partners/{partner_id}/products/{product_id}/seller/{month}"): ACT,
    ("GET", "/v1/selling"): READ,
    ("POST", "/v1/accounts/{account_id}/refunds"): OPERATE,
    ("GET", "/v1/accounts/{account_id}/credit-notes"): READ,
    ("GET", "/v1/accounts/{account_id}/wallet"): READ,
    ("POST", "/v1/accounts/{account_id}/credits"): OPERATE,
    ("POST", "/v1/gifts"): OPERATE,
    ("GET", "/v1/tax-rates/{month}"): READ,
    ("PUT", "/v1/settlement-policy"): ACT,
    ("GET", "/v1/settlement-policy"): READ,
    ("PUT", "/v1/accounts/{account_id}/settlement-policy"): ACT,
    ("GET", "/v1/accounts/{account_id}/settlement-policy"): READ,
    ("PUT", "/v1/accounts/{account_id}/payment-term"): ACT,
    ("GET", "/v1/accounts/{account_id}/payment-term"): READ,
    ("PUT", "/v1/collection"): ACT,
    ("GET", "/v1/collection"): READ,
    ("GET", "/v1/sessions/{session_id}/timeline"): READ,
    ("GET", "/v1/disputes"): READ,
    ("GET", "/v1/disputes/{dispute_id}"): READ,
    ("POST", "/v1/disputes/{dispute_id}/evidence"): ACT,
    ("GET", "/v1/disputes/{dispute_id}/evidence"): READ,
    ("POST", "/v1/disputes/{dispute_id}/make-good"): ACT,
    ("POST", "/v1/invoices/{account_id}/{month}/{number}/write-off"): ACT,
    ("POST", "/v1/outside-refunds/{refund_id}"): ACT,
    ("GET", "/v1/outside-refunds"): READ,
    ("GET", "/v1/outside-refunds/{refund_id}"): READ,
    ("POST", "/v1/comparisons"): ACT,
    ("GET", "/v1/comparisons"): READ,
    ("GET", "/v1/comparisons/{date}"): READ,
    ("GET", "/v1/trace"): READ,
    ("PUT", "/v1/terms/{version}"): OPERATE,
    ("GET", "/v1/terms/{version}"): OPERATE,
    ("PUT", "/v1/plans/{plan_id}"): OPERATE,
    ("GET", "/v1/plans"): OPERATE,
    ("GET", "/v1/plans/{plan_id}"): OPERATE,
    ("GET", "/v1/plans/{plan_id}/versions"): OPERATE,
    ("GET", "/v1/subscriptions"): READ,
    ("GET", "/v1/subscriptions/moves/{month}"): READ,
    ("GET", "/v1/cases"): READ,
    ("GET", "/v1/charges"): READ,
    ("GET", "/v1/charges/{charge_id}/evidence/{sha256}"): READ,
    ("POST", "/v1/charges/{charge_id}/decision"): OPERATE,
    ("POST", "/v1/plans/{plan_id}/announcements"): OPERATE,
    ("GET", "/v1/plans/{plan_id}/announcements"): READ,
    ("POST", "/v1/plans/{plan_id}/announcements/{version}/call-off"): OPERATE,
    ("POST", "/v1/simulations"): READ,
}
OF_NOBODY = {
    *("/v1/behaviour/{month}", "/v1/purchases/{month}", "/v1/recognition/{month}"),
    *("/v1/partners", "/v1/partners/{partner_id}/keys", "/v1/partners/{partner_id}/keys/{key_id}"),
    *("/v1/partners/{partner_id}/share/{month}", "/v1/partners/{partner_id}/shares"),
    *("/v1/partners/{partner_id}/statements/{month}", "/v1/fare-caps/{month}", "/v1/tax-rates/{month}"),
    *("/v1/categories", "/v1/categories/{category_id}", "/v1/categories/{category_id}/history"),
    *("/v1/closes", "/v1/closes/{month}", "/v1/closes/{month}/reopening", "/v1/reconciliations"),
    *("/v1/exports", "/v1/exports/{month}", "/v1/exports/{month}/{version}/partners", "/v1/notices"),
    *("/v1/journal/{month}", "/v1/trial-balance", "/v1/sellers", "/v1/sellers/{seller_id}"),
    *("/v1/partners/{partner_id}/seller/{month}", "/v1/partners/{partner_id}/products/{product_id}/seller/{month}"),
    *("/v1/settlement-policy", "/v1/collection", "/v1/comparisons", "/v1/selling"),
    "/v1/gifts",
    *("/v1/terms/{version}", "/v1/plans", "/v1/plans/{plan_id}", "/v1/plans/{plan_id}/versions"),
    "/v1/subscriptions/moves/{month}",
    *("/v1/plans/{plan_id}/announcements", "/v1/plans/{plan_id}/announcements/{version}/call-off"),
}
"""What shows of no customer who they are or what they owe."""
PUBLIC = {
    ("mobile", "GET", "/openapi.json"),
    ("partner", "GET", "/openapi.json"),
    ("partner", "GET", "/v1/grant-keys"),
    ("finance", "GET", "/openapi.json"),
    ("workers", "GET", "/openapi.json"),
}
SIGNED = {("workers", "POST", "/v1/stripe/webhooks")}
"""What shows by its signature who sent it."""
GROUPS = ("finance", "finance-read", "operator")
DOORS = ("mobile", "partner", "finance", "workers")


def routes(world: World, door: str) -> dict[tuple[str, str], bool]:
    """Method and path of each route of the door's document, and whether it is open to everybody."""
    paths = world.nobody.read(f"/{door}/openapi.json")["paths"]
    return {
        (method.upper(), path): route["security"] == []
        for path, methods in paths.items()
        for method, route in methods.items()
    }


def try_out(caller: Caller, method: str, door: str, path: str) -> tuple[int, str]:
    """Status and code of a call that can do no harm: its ids are of nothing, its body is empty."""
    for name, value in {"month": "1999-01", "version": "1"}.items():
        path = path.replace(f"{{{name}}}", value)
    body = {} if method in ("POST", "PUT") else None
    media_type = BATCH if path == "/v1/events" else "application/json"
    reply = caller.ask(method, f"/{door}{path.replace('{', 'no-').replace('}', '')}", body, media_type=media_type)
    return reply.status, reply.json.get("code", "") if reply.status >= 400 else ""


def test_every_route_of_the_finance_door_has_a_decision_about_rights(world: World) -> None:
    declared = {route for route, public in routes(world, "finance").items() if not public}

    assert declared == set(FINANCE)


@pytest.mark.parametrize(
    "groups", [*itertools.chain(*(itertools.combinations(GROUPS, n) for n in range(4))), ("auditor",)]
)
def test_staff_may_do_what_their_groups_allow_and_nothing_else(world: World, groups: tuple[str, ...]) -> None:
    """
    Each set of groups on each route: refused without the right, and past that gate with it.
    """
    caller = world.staff("staff-" + "-".join(groups), *groups)

    for (method, path), allowed in FINANCE.items():
        status, code = try_out(caller, method, "finance", path)
        if allowed & set(groups):
            assert (status in (200, 202, 404, 422), code != "right_missing") == (True, True), (
                method,
                path,
                status,
                code,
            )
        else:
            assert (status, code) == (403, "right_missing"), (method, path)


def test_each_route_that_shows_something_of_a_customer_leaves_an_audit_record() -> None:
    """
    A new route has to be in the table of `edge/audit.py` or among those that show nothing of anybody.
    """
    assert {path for _, path in FINANCE} - {path for _, path in AUDITED} == OF_NOBODY
    assert set(FINANCE) >= set(AUDITED)


def test_who_has_read_whose_books_is_recorded_before_it_is_shown_and_auditors_can_read_it(world: World) -> None:
    rider, partner = world.customer(), world.partner()
    session = world.ride(rider, partner.bike(), partner, 60)
    account = rider.read("/mobile/v1/me")["account_id"]
    reader, auditor = world.staff("vera", "finance-read"), world.staff("aino", "auditor")
    reader.read(f"/finance/v1/sessions/{session}/timeline")
    world.later(seconds=1)
    reader.read(f"/finance/v1/accounts/{account}/wallet")
    world.later(seconds=1)
    assert reader.get("/finance/v1/accounts/acc_nobody/proofs/1").status == 404
    reader.read("/finance/v1/trial-balance")
    refused(reader.get("/finance/v1/audit"), 403, "right_missing")

    world.later(seconds=1)
    (own,) = auditor.read("/finance/v1/audit?limit=1")["items"]
    assert (own["kind"], own["whose"], own["route"]) == ("audit", "*", "GET /v1/audit")
    (before,) = auditor.read("/finance/v1/audit?kind=proof&whose=acc_nobody")["items"]
    mine = auditor.read(f"/finance/v1/audit?who={before['who']}")["items"]
    assert [(each["kind"], each["whose"]) for each in mine if each["whose"] in {account, "acc_nobody"}] == [
        ("proof", "acc_nobody"),
        ("wallet", account),
        ("session", account),
    ]
    assert "GET /v1/sessions/{session_id}/timeline" in {each["route"] for each in mine}
    first = auditor.read(f"/finance/v1/audit?whose={account}&limit=1")
    (second,) = auditor.read(f"/finance/v1/audit?whose={account}&limit=1&after={quote(first['next'])}")["items"]
    assert (first["items"][0]["kind"], second["kind"]) == ("wallet", "session")
    assert auditor.read("/finance/v1/audit?month=2021-04") == {"items": [], "next": None}
    (item, *_) = AuditItem.listed("audit#2021-05", limit=1)
    assert (item.expires - world.system.now()).days >= 729


def test_a_missing_right_is_named(world: World) -> None:
    problem = refused(world.finance.get("/finance/v1/parked"), 403, "right_missing")

    assert problem["facts"] == {"needs": "operator"}


def test_a_group_that_is_taken_away_counts_with_the_next_token(world: World) -> None:
    caller = world.staff("tove", "finance")
    assert caller.get("/finance/v1/exports").status == 200

    refused(world.staff("tove").get("/finance/v1/exports"), 403, "right_missing")


def test_what_staff_may_not_do_is_not_done(world: World) -> None:
    before = world.finance.read("/finance/v1/exports")

    refused(world.finance.post("/finance/v1/partners", {"name": "Sly"}), 403, "right_missing")
    refused(world.operator.post("/finance/v1/closes", {"month": "2021-04"}), 403, "right_missing")
    reader = world.staff("rita", "finance-read")
    refused(reader.post("/finance/v1/closes", {"month": "2021-04"}), 403, "right_missing")

    refused(world.finance.get("/finance/v1/closes/2021-04"), 404, "not_closed")
    assert world.finance.read("/finance/v1/exports") == before


@pytest.mark.parametrize("door", DOORS)
def test_nothing_is_open_to_everybody_but_what_is_meant_to_be(world: World, door: str) -> None:
    """
    Each other route is called without a token: 401, whatever else may be wrong with the call.
    """
    found = routes(world, door)

    assert {(door, *route) for route, public in found.items() if public} == {each for each in PUBLIC if each[0] == door}
    for (method, path), public in found.items():
        if not public:
            shut = (403, "signature_refused") if (door, method, path) in SIGNED else (401, "unauthenticated")
            assert try_out(world.nobody, method, door, path) == shut, (method, path)


@pytest.mark.parametrize("door", ["mobile", "partner", "finance"])
def test_each_door_takes_its_own_callers_on_every_route_and_no_others(world: World, door: str) -> None:
    callers = {
        "mobile": world.customer(),
        "partner": world.partner(),
        "finance": world.staff("all", *GROUPS, "auditor"),
    }
    for (method, path), public in routes(world, door).items():
        for name, caller in callers.items():
            status, _ = try_out(caller, method, door, path)
            assert (status == 401) == (name != door and not public), (name, method, path, status)


def test_the_names_of_the_routes_are_enough_to_call_them(world: World) -> None:
    """
    That the tables above reach real routes: with the right and a good body, an act is done.
    """
    made = done(world.operator.post("/finance/v1/partners", {"name": "Real"}))

    path = f"/finance/v1/partners/{made['partner']['partner_id']}/keys"
    assert [key["key_id"] for key in world.operator.read(path)] == [made["key"]["key_id"]]
