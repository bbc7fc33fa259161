"""Our balance at Stripe: one transaction for each movement of money, with Stripe's fee by a fixed table.

The fees are the double's own: of the kind that Stripe takes, not its price list. What Stripe once took it keeps.
"""

from collections import Counter
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields, Store

AVAILABLE_AFTER = timedelta(days=3)
"""How long what a card paid is pending."""

PERCENT_AT_HOME, PERCENT_ABROAD = Decimal("1.5"), Decimal("3.25")
AT_HOME = frozenset(
    {
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT"),
        *("LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    }
)
"""Countries of cards whose payments cost the lower share: the European Economic Area."""

FIXED = {"eur": 25, "dkk": 180, "sek": 180, "nok": 200, "gbp": 20, "usd": 30, "chf": 30}
FIXED_ELSEWHERE = 30
"""What each payment costs besides, in minor units of its currency."""

DISPUTE_FEE = {"eur": 2000, "dkk": 15000, "sek": 22500, "nok": 22500, "gbp": 2000, "usd": 2000, "chf": 2000}
DISPUTE_FEE_ELSEWHERE = 2000
"""What a dispute costs, won or lost."""


def fee_of(charge: Fields, amount: int) -> int:
    """Stripe's fee for this payment, rounded half up once, and never more than the payment."""
    details = charge["payment_method_details"]
    country = details[details["type"]]["country"]
    percent = PERCENT_AT_HOME if country in AT_HOME else PERCENT_ABROAD
    share = (percent * amount / 100).to_integral_value(ROUND_HALF_UP)
    return min(int(share) + FIXED.get(charge["currency"], FIXED_ELSEWHERE), amount)


def dispute_fee(currency: str) -> int:
    """What the bank's question costs us."""
    return DISPUTE_FEE.get(currency, DISPUTE_FEE_ELSEWHERE)


def move(store: Store, kind: str, category: str, source: Fields, amount: int, *, fee: int = 0) -> Fields:
    """Record one movement: positive comes in, negative goes out. What a card pays is pending at first."""
    now = store.timestamp()
    waits = int(AVAILABLE_AFTER.total_seconds()) if kind == "charge" else 0
    currency = source["currency"]
    details = {"amount": fee, "application": None, "currency": currency, "type": "stripe_fee"}
    made = store.add(
        "txn",
        "balance_transaction",
        {
            "amount": amount,
            "available_on": now + waits,
            "balance_type": "payments",
            "currency": currency,
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [{**details, "description": "Stripe processing fees"}] if fee else [],
            "net": amount - fee,
            "reporting_category": category,
            "source": source["id"],
            "status": "pending" if waits else "available",
            "type": kind,
        },
    )
    del made["livemode"]
    if waits:
        store.pending.append(made["id"])
    return made


def become_available(store: Store) -> None:
    """What was pending for long enough is available; the oldest come first."""
    while store.pending:
        oldest = store.get("balance_transaction", store.pending[0])
        if oldest["available_on"] > store.timestamp():
            return
        oldest["status"] = "available"
        store.pending.popleft()


def available(store: Store, currency: str) -> int:
    """What can be sent on now in this currency."""
    return _sums(store, "available")[currency]


def _sums(store: Store, status: str) -> Counter[str]:
    found = Counter[str]()
    for row in store.every("balance_transaction"):
        found[row["currency"]] += row["net"] if row["status"] == status else 0
    return found


def show(call: Call) -> Fields:
    """The balance of each currency that ever moved: available and pending."""

    def rows(status: str) -> list[Fields]:
        sums = _sums(call.store, status) or Counter({"eur": 0})
        return [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in sorted(sums.items())
        ]

    return {"object": "balance", "available": rows("available"), "livemode": False, "pending": rows("pending")}


def retrieve(call: Call) -> Fields:
    """One movement."""
    return call.store.get("balance_transaction", call.object_id)


def list_all(call: Call) -> Fields:
    """Movements, newest first; of one charge, refund, dispute or transfer, or of one type."""
    if "payout" in call.arguments:
        raise StripeRefusal("The double plays no payouts.", code="double_not_played", param="payout")
    return list_of(call, "balance_transaction", "/v1/balance_transactions", "currency", "source", "type")
