"""Transfers: a partner's share of a payment, sent to their connected account, and taken back where that was wrong."""

from infra.local.stripe_double.balance import available, move
from infra.local.stripe_double.call import Call
from infra.local.stripe_double.currencies import known_currency, within_bounds
from infra.local.stripe_double.errors import StripeRefusal, no_such
from infra.local.stripe_double.listing import list_of, page
from infra.local.stripe_double.store import Fields, Store, merged_metadata

CREATED_WITH = ("amount", "currency", "description", "destination", "metadata", "source_transaction", "transfer_group")
REVERSED_WITH = ("amount", "description", "metadata")


def create(call: Call) -> Fields:
    """Send money on, of one payment where it is named, else of what is available."""
    arguments, store = call.arguments, call.store
    if "amount" not in arguments:
        raise StripeRefusal("Missing required param: amount.", code="parameter_missing", param="amount")
    amount, currency = within_bounds(arguments["amount"]), known_currency(arguments["currency"])
    if amount <= 0:
        raise StripeRefusal("The amount must be positive.", code="parameter_invalid_integer", param="amount")
    _must_be_able_to_receive(store, arguments["destination"])
    group = arguments.get("transfer_group")
    if "source_transaction" in arguments:
        group = _from_charge(store, arguments["source_transaction"], amount, currency, group)
    elif amount > available(store, currency):
        message = f"You have insufficient available funds in your Stripe balance in {currency}."
        raise StripeRefusal(message, code="balance_insufficient")
    made = store.add("tr", "transfer", _blank(arguments, amount, currency, group))
    made["reversals"]["url"] = f"/v1/transfers/{made['id']}/reversals"
    made["destination_payment"] = store.next_id("py")
    made["balance_transaction"] = move(store, "transfer", "transfer", made, -amount)["id"]
    store.emit("transfer.created", made)
    return made


def _must_be_able_to_receive(store: Store, account_id: str) -> None:
    account = store.kinds.get("account", {}).get(account_id)
    if account is None:
        raise no_such("destination", account_id, "destination")
    if account["capabilities"].get("transfers") != "active":
        message = (
            "Your destination account needs to have at least one of the following capabilities enabled: "
            "transfers, crypto_transfers, legacy_payments"
        )
        raise StripeRefusal(message, code="insufficient_capabilities_for_transfer", param="destination")


def _from_charge(store: Store, charge_id: str, amount: int, currency: str, group: str | None) -> str:
    """The transfer group. All transfers of a charge, also those reversed, come to no more than what was taken."""
    charge = store.get("charge", charge_id, "source_transaction")
    if not charge["captured"]:
        message = f"Charge {charge_id} is not captured: there is nothing to transfer yet."
        raise StripeRefusal(message, param="source_transaction")
    if charge["currency"] != currency:
        message = f"The currency of source_transaction's balance transaction ({charge['currency']}) is not {currency}."
        raise StripeRefusal(message, param="currency")
    sent = sum(row["amount"] for row in store.every("transfer") if row["source_transaction"] == charge_id)
    left = charge["amount_captured"] - sent
    if amount > left:
        message = f"Insufficient funds: the transfer ({amount}) is more than is left of the charge ({left})."
        raise StripeRefusal(message, code="balance_insufficient", param="amount")
    charge["transfer_group"] = charge["transfer_group"] or group or f"group_{charge['payment_intent']}"
    if group not in (None, charge["transfer_group"]):
        message = f"The transfer_group has to be the charge's own: {charge['transfer_group']}."
        raise StripeRefusal(message, param="transfer_group")
    return str(charge["transfer_group"])


def _blank(arguments: Fields, amount: int, currency: str, group: str | None) -> Fields:
    return {
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "currency": currency,
        "description": arguments.get("description"),
        "destination": arguments["destination"],
        "destination_payment": None,
        "metadata": merged_metadata({}, arguments.get("metadata", {})),
        "reversals": {"object": "list", "data": [], "has_more": False, "url": ""},
        "reversed": False,
        "source_transaction": arguments.get("source_transaction"),
        "source_type": "card",
        "transfer_group": group,
    }


def retrieve(call: Call) -> Fields:
    """One transfer."""
    return call.store.get("transfer", call.object_id)


def list_all(call: Call) -> Fields:
    """Transfers, newest first."""
    return list_of(call, "transfer", "/v1/transfers", "destination", "transfer_group")


def reverse(call: Call) -> Fields:
    """Take all that is left of a transfer back, or the stated amount."""
    store, transfer = call.store, retrieve(call)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = call.arguments.get("amount", left)
    if not 0 < amount <= left:
        message = f"The reversal ({amount}) must be positive and at most what is left of the transfer ({left})."
        raise StripeRefusal(message, param="amount")
    fields = {
        "amount": amount,
        "balance_transaction": None,
        "currency": transfer["currency"],
        "destination_payment_refund": store.next_id("pyr"),
        "metadata": merged_metadata({}, call.arguments.get("metadata", {})),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    made = store.add("trr", "transfer_reversal", fields)
    del made["livemode"]
    made["balance_transaction"] = move(store, "transfer_refund", "transfer_reversal", made, amount)["id"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"] = [made, *transfer["reversals"]["data"]]
    store.emit("transfer.reversed", transfer)
    return made


def list_reversals(call: Call) -> Fields:
    """What was taken back of a transfer, newest first."""
    transfer = retrieve(call)
    return page(call, transfer["reversals"]["data"], transfer["reversals"]["url"])
