"""Calls about shares and payouts whose answers have to be what the doors' documents say."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]
URLS = {"return_url": "https://example.com/done", "refresh_url": "https://example.com/again"}


def finance_shares(call: Call, partner_id: str, account_id: str) -> None:
    """A share and tax rates are agreed for a month to come; settling and collecting are controlled."""
    finance_control(call, account_id)
    call("PUT", "/v1/partners/{partner_id}/share/{month}", {"percent": "70"}, partner_id=partner_id, month="2031-01")
    assert call("GET", "/v1/partners/{partner_id}/shares", partner_id=partner_id)[0]["since"] == "2031-01"
    call("GET", "/v1/partners/{partner_id}/statements/{month}", partner_id=partner_id, month="2031-01")
    call("PUT", "/v1/tax-rates/{month}", {"rates": [{"percent": "25.5"}]}, month="2031-01")
    assert call("GET", "/v1/tax-rates/{month}", month="2031-02")["since"] == "2031-01"
    named, month = {"seller_id": "documented"}, "2031-01"
    call("PUT", "/v1/partners/{partner_id}/seller/{month}", named, partner_id=partner_id, month=month)
    product = "/v1/partners/{partner_id}/products/{product_id}/seller/{month}"
    call("PUT", product, named, partner_id=partner_id, product_id="none", month=month)
    assert call("GET", "/v1/selling")


def finance_control(call: Call, account_id: str) -> None:
    """Accounts are settled at the close from some month on; collection is stopped for a moment."""
    body = {"at": "month_end", "since": "2031-01"}
    call("PUT", "/v1/settlement-policy", body)
    call("PUT", "/v1/accounts/{account_id}/settlement-policy", body, account_id=account_id)
    call("GET", "/v1/settlement-policy")
    assert call("GET", "/v1/accounts/{account_id}/settlement-policy", account_id=account_id)["at"] == "month_end"
    term = {"days": 14, "email": "ap@firm.example", "note": "as agreed"}
    call("PUT", "/v1/accounts/{account_id}/payment-term", term, account_id=account_id)
    assert call("GET", "/v1/accounts/{account_id}/payment-term", account_id=account_id)[0]["days"] == 14
    for stopped in (True, False):
        call("PUT", "/v1/collection", {"stopped": stopped, "note": "a trial"})
    assert call("GET", "/v1/collection")["turns"][0]["note"] == "a trial"


def partner_shares(call: Call) -> None:
    """A partner looks at what it has, and opens an account."""
    for path in ("shares", "statements", "proofs"):
        call("GET", f"/v1/{path}")
    call("GET", "/v1/statements/{month}", month="2031-01")
    call("GET", "/v1/proofs/{number}", number="1")
    assert call("POST", "/v1/payout-account", URLS)["link"]["url"]
    assert call("GET", "/v1/payout-account")["state"] == "to_be_completed"
    assert call("GET", "/v1/payouts/{month}", month="2021-05") == []
