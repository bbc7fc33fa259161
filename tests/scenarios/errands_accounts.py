"""Several people in one account, and a guest who stays."""

import json

from infra.local.client import Client
from infra.local.demo import Demo
from infra.local.system import System
from tests.scenarios.errands_billing import newcomer


def family_and_guest(system: System, demo: Demo) -> None:
    """A family is opened, named and joined by a guest with a limit; then the guest gets another sign-in."""
    owner, _ = newcomer(system, demo, "family")
    guest, own = newcomer(system, demo, "guest")
    body = {"kind": "family", "name": "Home", "terms_version": "1"}
    home = {"Adgang-Account": owner.post("/mobile/v1/accounts", body)["account_id"]}
    given = _in(owner, home, "POST", "/mobile/v1/account/invitations", '{"role": "member", "day": "20.00"}')
    guest.post("/mobile/v1/memberships", {"invitation": given["invitation"]})
    assert _in(owner, home, "PUT", "/mobile/v1/account", '{"name": "Cabin"}')["name"] == "Cabin"
    link = guest.call("POST", "/mobile/v1/me/sign-in")["link"]
    signed_in = demo.local.post("/local/sign-in", {"email": "no-guest@example.com"})
    stays = demo.client(signed_in["access_token"], "no-guest")
    assert stays.post("/mobile/v1/me/link", {"link": link})["account_id"] == own
    assert [each["name"] for each in stays.get("/mobile/v1/accounts")] == ["", "Cabin"]


def _in(who: Client, account: dict[str, str], method: str, path: str, body: str) -> dict[str, str]:
    """A call in the account's name."""
    said = {**account, "Content-Type": "application/json", "Idempotency-Key": f"in-account-{method}"}
    status, _, content = who.raw(method, path, body, said)
    assert status < 400, content
    return dict(json.loads(content))
