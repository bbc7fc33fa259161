"""Who sells and who buys is said; a bill is given back out of goodwill, and its bank cannot take it after all."""

from datetime import timedelta

from chalicelib.billing.credit_store import CreditStore
from infra.local.client import Client
from infra.local.demo import Demo
from infra.local.system import System

US = {
    "name": "Adgang Oy",
    "address": ["Kaivokatu 1", "00100 Helsinki"],
    "country": "FI",
    "invoice_prefix": "A-",
    "credit_note_prefix": "AC-",
}
THEM = {"name": "Firm Oy", "address": ["Aleksanterinkatu 2"], "country": "FI"}


def money_comes_back(system: System, demo: Demo) -> None:
    """The customer reads the bill of May as a document, and chooses how money comes back."""
    customer = demo.customers[0]
    demo.finance.put("/finance/v1/sellers/fi", US)
    assert demo.finance.get("/finance/v1/sellers")
    customer.put("/mobile/v1/me/billing-details", THEM)
    for choice in ("credit", "refund"):
        assert customer.put("/mobile/v1/me/money-back", {"as": choice}) == {"as": choice}
    first = customer.get("/mobile/v1/invoices")["items"][0]
    assert customer.get(f"/mobile/v1/invoices/{first['invoice_id']}")["number"]
    goodwill(system, demo, customer, first)


def goodwill(system: System, demo: Demo, customer: Client, invoice: dict[str, str]) -> None:
    """Half an euro goes back to the card, and comes back as credit."""
    account_id = customer.get("/mobile/v1/me")["account_id"]
    path = f"/finance/v1/accounts/{account_id}"
    body = {"invoice_id": invoice["invoice_id"], "amount": "0.50", "reason": "a wet saddle"}
    note = demo.operator.post(f"{path}/refunds", body)["credit_note_id"]
    system.drain()
    assert customer.get(f"/mobile/v1/credit-notes/{note}")["refunded"]["amount"] == "0.50"
    (refund,) = CreditStore().refunds(account_id)
    assert refund.provider_refund is not None
    system.stripe.fail_refund(refund.provider_refund)
    system.drain()
    assert demo.finance.get(f"{path}/credit-notes")["items"][0]["to_wallet"]["amount"] == "0.50"
    money_paid_ahead(system, demo, customer, account_id)


def money_paid_ahead(system: System, demo: Demo, customer: Client, account_id: str) -> None:
    """The wallet is filled in each way, one of which ends by itself; a gift is redeemed; all is paid out."""
    wallet = "/mobile/v1/wallet"
    customer.post(f"{wallet}/top-ups", {"amount": "5.00"})
    code = customer.post(f"{wallet}/gifts", {"amount": "3.00"})["code"]
    given = demo.operator.post("/finance/v1/gifts", {"amount": "2.00", "valid_until": "2031-01-01T00:00:00Z"})
    system.drain()
    for each in (code, given["code"]):
        customer.post(f"{wallet}/redeem", {"code": each})
    until = (system.now() + timedelta(minutes=5)).isoformat()
    credit = {"amount": "1.00", "reason": "a wet saddle", "valid_until": until}
    demo.operator.post(f"/finance/v1/accounts/{account_id}/credits", credit)
    demo.clock(system.now() + timedelta(minutes=25))
    kinds = {each["kind"] for each in demo.finance.get(f"/finance/v1/accounts/{account_id}/wallet")["balances"]}
    assert kinds == {"promotion", "gift", "credit", "paid"}
    assert customer.get(f"{wallet}/entries")["items"]
    customer.post(f"{wallet}/payout")
    system.drain()
    assert {each["kind"] for each in customer.get(wallet)["balances"]} == {"paid"}
