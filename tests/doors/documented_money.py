"""Calls about documents and money back whose answers have to be what the doors' documents say."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]
BUYER = {"name": "Firm Oy", "address": ["Kaivokatu 1"], "country": "FI", "vat_number": "FI12345678"}
SELLER = {**BUYER, "invoice_prefix": "D-", "credit_note_prefix": "DC-"}


def mobile_money(call: Call, invoice_id: str) -> None:
    """Who I am on my bills, a bill as a document, and how money comes back."""
    call("PUT", "/v1/me/billing-details", BUYER)
    assert call("GET", "/v1/me/billing-details")["vat_number"] == "FI12345678"
    call("PUT", "/v1/me/money-back", {"as": "credit"})
    assert call("GET", "/v1/me/money-back") == {"as": "credit"}
    assert call("GET", "/v1/invoices/{invoice_id}", invoice_id=invoice_id)["number"]
    call("GET", "/v1/invoices/{invoice_id}/document.html", invoice_id=invoice_id)
    call("GET", "/v1/credit-notes")
    call("POST", "/v1/credit-notes/{note_id}/choice", {"as": "refund"}, note_id="none")
    for path in ("", "/document", "/document.html"):
        call("GET", f"/v1/credit-notes/{{note_id}}{path}", note_id="none")
    wallet(call)


def mobile_statement(call: Call, month: str) -> None:
    """What the month costs, what a line of it rests on, and its proof."""
    stated = call("GET", "/v1/statements/{month}", month=month)
    rests = "/v1/statements/{month}/lines/{line_id}/evidence"
    for line in (each for kind in ("sessions", "charges") for use in stated[kind] for each in use["lines"]):
        assert call("GET", rests, month=month, line_id=line["line_id"])["line"] == line
    call("GET", rests, month=month, line_id="lin_none")
    assert call("GET", "/v1/statements/{month}/proof", month=month)["digest"]
    call("GET", "/v1/statements/{month}/statement.txt", month=month)


def mobile_methods(call: Call) -> None:
    """Save a method, choose it, remove one that is none, and try an invoice again."""
    call("POST", "/v1/me/payment-methods")
    (method,) = call("GET", "/v1/me/payment-methods")["methods"]
    call("PUT", "/v1/me/payment-methods/{method_id}/default", method_id=method["method_id"])
    call("DELETE", "/v1/me/payment-methods/{method_id}", method_id="pm_none")
    call("POST", "/v1/invoices/{invoice_id}/pay", invoice_id="acc:2021-05:1")


def wallet(call: Call) -> None:
    """Money that is put in, or not; a code that is none; and nothing to be paid out."""
    call("POST", "/v1/wallet/top-ups", {"amount": "5.00"})
    call("POST", "/v1/wallet/gifts", {"amount": "5.00", "partner": "par"})
    call("POST", "/v1/wallet/gifts", {"amount": "5.00"})
    call("POST", "/v1/wallet/redeem", {"code": "none"})
    call("GET", "/v1/access-sessions/{session_id}/hold/confirmation", session_id="none")
    call("GET", "/v1/wallet")
    call("GET", "/v1/wallet/entries")
    call("POST", "/v1/wallet/payout")


def finance_money(call: Call) -> None:
    """Who sells, and goodwill to nobody."""
    assert call("PUT", "/v1/sellers/{seller_id}", SELLER, seller_id="documented")["version"] == 1
    assert call("GET", "/v1/sellers")
    given = {"invoice_id": "none", "amount": "1.00", "reason": "a wet saddle"}
    call("POST", "/v1/accounts/{account_id}/refunds", given, account_id="none")
    call("GET", "/v1/accounts/{account_id}/credit-notes", account_id="none")
    call("GET", "/v1/accounts/{account_id}/wallet", account_id="none")
    call("POST", "/v1/accounts/{account_id}/credits", {"amount": "1.00", "reason": "a wet saddle"}, account_id="none")
    assert call("POST", "/v1/gifts", {"amount": "1.00", "valid_until": "2031-01-01T00:00:00Z"})["code"]
