"""Several people in one account, and a guest who stays."""

import json
from datetime import timedelta
from typing import Any

from infra.local.client import Client
from infra.local.demo import Demo
from infra.local.stripe_double.stripe_js import save_card
from infra.local.system import System
from infra.local.tariffs import PRODUCT
from tests.scenarios.errands_billing import newcomer
from tests.scenarios.errands_together import started

CODE = "HOME-1"


def family_and_guest(system: System, demo: Demo) -> None:
    """A family is opened, named and joined by a guest with a limit; then the guest gets another sign-in."""
    owner, _ = newcomer(system, demo, "family")
    guest, own = newcomer(system, demo, "guest")
    body = {"kind": "family", "name": "Home", "terms_version": "1"}
    home = owner.post("/mobile/v1/accounts", body)["account_id"]
    setup, stripe = _in(home, owner, "POST", "me/payment-methods"), demo.local.get("/local")["stripe"]
    save_card(stripe["api_base"], stripe["publishable_key"], setup["client_secret"], "pm_card_visa")
    system.drain()
    given = _in(home, owner, "POST", "account/invitations", {"role": "member", "day": "50.00"})
    guest.post("/mobile/v1/memberships", {"invitation": given["invitation"]})
    assert _in(home, owner, "PUT", "account", {"name": "Cabin"})["name"] == "Cabin"
    _wait(system, demo, owner, guest, home)
    link = guest.call("POST", "/mobile/v1/me/sign-in")["link"]
    signed_in = demo.local.post("/local/sign-in", {"email": "no-guest@example.com"})
    stays = demo.client(signed_in["access_token"], "no-guest")
    assert stays.post("/mobile/v1/me/link", {"link": link})["account_id"] == own
    assert [each["name"] for each in stays.get("/mobile/v1/accounts")] == ["", "Cabin"]
    _close(system, home, owner)


def _close(system: System, home: str, owner: Client) -> None:
    """Once the ride is paid nobody is in it any more."""
    receipt = _in(home, owner, "DELETE", "account")["erasure_id"]
    system.drain()
    for minutes in (3, 12, 70):
        system.advance_to(system.now() + timedelta(minutes=minutes))
        system.drain()
    done = owner.get(f"/mobile/v1/erasures/{receipt}")
    assert (done["state"], done["waits_for"]) == ("done", [])


def _wait(system: System, demo: Demo, owner: Client, guest: Client, home: str) -> None:
    """What becomes free is held for the member who waited in the family's name."""
    demo.partner.put(f"/partner/v1/assets/{CODE.lower()}", {"product_id": PRODUCT, "code": CODE})
    session = started(owner, CODE)
    _in(home, guest, "POST", "waiting", {"code": CODE})
    owner.post(f"/mobile/v1/access-sessions/{session}/end")
    system.drain()
    (held,) = _in(home, guest, "GET", "reservations")
    _in(home, guest, "POST", f"reservations/{held['session_id']}/cancel")


def _in(account_id: str, who: Client, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 -- JSON
    """A call in the account's name."""
    said = {"Adgang-Account": account_id, "Content-Type": "application/json", "Idempotency-Key": f"in-account-{path}"}
    _, _, content = who.raw(method, f"/mobile/v1/{path}", None if body is None else json.dumps(body), said)
    return json.loads(content)
