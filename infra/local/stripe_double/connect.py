"""Connected accounts: partners, who are onboarded at Stripe's own pages before they can receive money."""

from datetime import timedelta

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store, merged_metadata

LINK_LIVES = timedelta(minutes=5)
WORDS = ("business_profile", "business_type", "email")
"""Parameters that are kept and shown as they came."""

CREATED_WITH = (*WORDS, "capabilities", "controller", "country", "default_currency", "metadata", "type")
CHANGED_WITH = (*WORDS, "capabilities", "metadata")
LINKED_WITH = ("account", "collection_options", "refresh_url", "return_url", "type")
CAPABILITIES = frozenset({"card_payments", "transfers"})
_DUE = ["business_type", "external_account", "tos_acceptance.date", "tos_acceptance.ip"]
_CONTROLLER = {
    "fees": {"payer": "account"},
    "losses": {"payments": "stripe"},
    "requirement_collection": "stripe",
    "stripe_dashboard": {"type": "full"},
}
_TYPES = {
    "standard": _CONTROLLER,
    "express": {
        "fees": {"payer": "application_express"},
        "losses": {"payments": "application"},
        "requirement_collection": "stripe",
        "stripe_dashboard": {"type": "express"},
    },
    "custom": {
        "fees": {"payer": "application_custom"},
        "losses": {"payments": "application"},
        "requirement_collection": "application",
        "stripe_dashboard": {"type": "none"},
    },
}


def create(call: Call) -> Fields:
    """An account that cannot receive anything yet."""
    arguments = call.arguments
    if {"type", "controller"} <= set(arguments):
        message = "You may not provide the type parameter and controller parameters simultaneously."
        raise StripeRefusal(message, param="type")
    kind = arguments.get("type", "none" if "controller" in arguments else "standard")
    controller = _CONTROLLER | arguments.get("controller", {}) if kind == "none" else _TYPES[kind]
    made = call.store.add(
        "acct",
        "account",
        {
            **{word: arguments.get(word) for word in WORDS},
            "capabilities": {},
            "charges_enabled": False,
            "controller": {**controller, "is_controller": True, "type": "application"},
            "country": arguments.get("country", "FI"),
            "default_currency": arguments.get("default_currency", "eur"),
            "details_submitted": False,
            "external_accounts": {"object": "list", "data": [], "has_more": False, "url": "/v1/external_accounts"},
            "future_requirements": _requirements([]),
            "metadata": merged_metadata({}, arguments.get("metadata", {})),
            "payouts_enabled": False,
            "requirements": _requirements(_DUE, "requirements.past_due"),
            "settings": {},
            "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
            "type": kind,
        },
    )
    del made["livemode"]
    _request(made, arguments.get("capabilities", {}))
    return made


def _requirements(due: list[str], reason: str | None = None) -> Fields:
    same = {name: [*due] for name in ("currently_due", "eventually_due", "past_due")}
    rest: Fields = {"alternatives": [], "current_deadline": None, "errors": [], "pending_verification": []}
    return {**same, **rest, "disabled_reason": reason}


def _request(account: Fields, wanted: Fields) -> None:
    for name, asked in wanted.items():
        if name not in CAPABILITIES:
            where = f"capabilities[{name}]"
            raise StripeRefusal(f"The double does not play {where}.", code="double_not_played", param=where)
        if asked.get("requested"):
            account["capabilities"].setdefault(name, "active" if account["details_submitted"] else "inactive")


def update(call: Call) -> Fields:
    """Change what we know of the account, or ask for more capabilities."""
    account = retrieve(call)
    account |= {word: call.arguments[word] for word in WORDS if word in call.arguments}
    account["metadata"] = merged_metadata(account["metadata"], call.arguments.get("metadata", {}))
    _request(account, call.arguments.get("capabilities", {}))
    _tell(call.store, account)
    return account


def retrieve(call: Call) -> Fields:
    """One connected account."""
    return call.store.get("account", call.object_id)


def list_all(call: Call) -> Fields:
    """Connected accounts, newest first."""
    return list_of(call, "account", "/v1/accounts")


def link(call: Call) -> Fields:
    """Where the partner goes to be onboarded: one address for one visit, good for five minutes."""
    account = call.store.get("account", call.arguments["account"], "account")
    for name in ("refresh_url", "return_url"):
        if name not in call.arguments:
            raise StripeRefusal(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if call.arguments["type"] == "account_update" and account["controller"]["requirement_collection"] == "stripe":
        message = "account_update links are for accounts whose requirements the platform collects."
        raise StripeRefusal(message, param="type")
    now, visit = call.store.timestamp(), call.store.next_id("visit")
    mark = call.store.client_secret(f"{account['id']} {visit}").rpartition("_")[2]
    url = f"https://connect.stripe.com/setup/e/{account['id']}/{mark}"
    return {
        "object": "account_link",
        "created": now,
        "expires_at": now + int(LINK_LIVES.total_seconds()),
        "url": url,
    }


def onboarded(store: Store, account: Fields, *, approved: bool) -> None:
    """The partner has answered Stripe's questions; Stripe is content, or wants more."""
    account["details_submitted"] = True
    stand = "active" if approved else "pending"
    account["capabilities"] = dict.fromkeys(account["capabilities"], stand)
    account["payouts_enabled"] = approved
    account["charges_enabled"] = approved and "card_payments" in account["capabilities"]
    account["requirements"] = _requirements([]) if approved else _requirements([], "requirements.pending_verification")
    _tell(store, account)


def restricted(store: Store, account: Fields) -> None:
    """Stripe wants something that did not come in time: the account receives nothing until it does."""
    account["capabilities"] = dict.fromkeys(account["capabilities"], "inactive")
    account |= {"payouts_enabled": False, "charges_enabled": False}
    account["requirements"] = _requirements(["individual.verification.document"], "requirements.past_due")
    _tell(store, account)


def _tell(store: Store, account: Fields) -> None:
    store.emit("account.updated", account, account["id"])
