"""Everything that is held about persons and their accounts: one row for each kind of item, in order of areas.

A kind that is in no row is found by a test, and shown in a data file as what nobody has described.
"""

from collections.abc import Iterator, Sequence

from chalicelib.customers.holding import LEGAL, OPEN, Holding, Leaving, Purpose, Source, holding_of

_ACCOUNT, _CUSTOMER, _SUBJECT, _SESSION = "account#{account}", "customer#{customer}", "subject#{subject}", "{session}"
_AGREEMENT, _BOOKS, _CLAIMS, _RUNNING = Purpose.AGREEMENT, Purpose.BOOKS, Purpose.CLAIMS, Purpose.RUNNING
_YOU, _USE, _PARTNER, _PROVIDER, _US = Source.YOU, Source.USE, Source.PARTNER, Source.PROVIDER, Source.US
_POLICY_DAYS = "as many days as the thing's data card says; then the database removes it"
_MONTH_OR_SO = "35 days; then the database removes it"
_TWO_YEARS = "two years; then the database removes it"
_SIX_MONTHS = "six months after it was done; then the database removes it"

Key = tuple[str, str, str]
"""A name, a partition, and what the sort key begins with."""


def _rows(
    area: str, purpose: Purpose, source: Source, retention: str, leaving: Leaving, *keys: Key
) -> Iterator[Holding]:
    for name, pk, sk in keys:
        yield Holding(name, area, pk, sk, purpose, source, retention, leaving)


def _erased(area: str, purpose: Purpose, source: Source, *keys: Key) -> Iterator[Holding]:
    return _rows(area, purpose, source, OPEN, Leaving.ERASED, *keys)


def _books(area: str, source: Source, *keys: Key) -> Iterator[Holding]:
    return _rows(area, _BOOKS, source, LEGAL, Leaving.UNLINKED, *keys)


HOLDINGS: Sequence[Holding] = (
    # customers
    *_erased("customers", _AGREEMENT, _YOU, ("sign_in", _SUBJECT, "customer")),
    *_books("customers", _US, ("account", _ACCOUNT, "account")),
    *_erased("customers", _AGREEMENT, _YOU, ("memberships", _ACCOUNT, "member#"), ("memberships", _SUBJECT, "in#")),
    *_erased("customers", _AGREEMENT, Source.VERIFIER, ("eligibility", _CUSTOMER, "shown#")),
    *_erased(
        "customers",
        Purpose.CONSENT,
        _YOU,
        ("consents", _CUSTOMER, "consent#"),
        ("consent_history", _CUSTOMER, "consented#"),
    ),
    *_rows("customers", Purpose.ACCOUNTABILITY, _US, _SIX_MONTHS, Leaving.RUNS_OUT, ("erasure", _ACCOUNT, "erasure")),
    *_rows("customers", Purpose.ACCOUNTABILITY, _US, _SIX_MONTHS, Leaving.RUNS_OUT, ("erasure", "erasure#", "erasure")),
    *_erased("customers", Purpose.ACCOUNTABILITY, _US, ("data_file", _ACCOUNT, "file")),
    *_rows(
        "customers", Purpose.ACCOUNTABILITY, _US, _TWO_YEARS, Leaving.ERASED, ("accesses", "accessed#{account}", "")
    ),
    *_erased("customers", _AGREEMENT, _YOU, ("roll", _ACCOUNT, "roll"), ("invitations", _ACCOUNT, "invited#")),
    # subscriptions
    *_books("subscriptions", _YOU, ("agreement", _ACCOUNT, "agreement")),
    *_erased("subscriptions", _AGREEMENT, _YOU, ("agreement", _SUBJECT, "agreement")),
    *_rows(
        "subscriptions",
        _AGREEMENT,
        _YOU,
        LEGAL,
        Leaving.UNLINKED,
        ("subscriptions", _ACCOUNT, "subscription#"),
        ("subscriptions", _ACCOUNT, "lived#"),
        ("confirmations", _ACCOUNT, "accepted#"),
        ("subscriptions", _ACCOUNT, "had"),
        ("subscriptions", "subscription#", "ended"),
        ("subscriptions", "of#", ""),
        ("subscriptions", "ended#", ""),
        ("announcements", "told#", ""),
    ),
    *_rows(
        "subscriptions",
        _CLAIMS,
        _YOU,
        LEGAL + "; your name, how you can be reached and the receipt are erased with the account",
        Leaving.UNLINKED,
        ("withdrawals", _ACCOUNT, "withdrawal#"),
    ),
    # access
    *_rows(
        "access",
        _AGREEMENT,
        _USE,
        LEGAL,
        Leaving.UNLINKED,
        ("sessions", f"session#{_SESSION}", "session"),
        ("sessions", _ACCOUNT, "open#"),
        ("sessions", _ACCOUNT, "reserved#"),
        ("bookings", _ACCOUNT, "booking#"),
        ("bookings", "booking#", "booking"),
        ("bookings", "booked#", ""),
        ("bookings", "asset#", "calendar"),
        ("sessions", "asset#", "use#"),
        ("sessions", "asset#", "state"),
        ("unused_told", f"session#{_SESSION}", "told"),
    ),
    *_books("access", _US, ("charge_records", _ACCOUNT, "charged#"), ("months_to_bill", "month#", "account#")),
    *_erased(
        "access",
        _AGREEMENT,
        _YOU,
        ("limits", _ACCOUNT, "limits"),
        ("wishes", _ACCOUNT, "wishes"),
        ("waiting", _ACCOUNT, "waiting#"),
        ("waiting", "asset#", "waiting#"),
        ("reserved_lately", _ACCOUNT, "lately#"),
    ),
    *_rows(
        "access", Purpose.CONSENT, _PARTNER, _POLICY_DAYS, Leaving.ERASED, ("positions", f"position#{_SESSION}", "")
    ),
    *_rows(
        "access",
        _CLAIMS,
        _PARTNER,
        LEGAL,
        Leaving.UNLINKED,
        ("cases", "case#", "case"),
        ("cases", "cases#", ""),
        ("entitlements", "entitled#", "entitlement"),
    ),
    # metering
    *_erased(
        "metering",
        _AGREEMENT,
        _PARTNER,
        ("usage_events", f"subject#{_SESSION}", "page#"),
        ("usage_events", f"subject#{_SESSION}", "node#"),
        ("usage_events", f"subject#{_SESSION}", "log#"),
    ),
    *_rows(
        "metering",
        _BOOKS,
        _PARTNER,
        LEGAL + "; its events are erased with the account, what they came to stays",
        Leaving.UNLINKED,
        ("usage", f"subject#{_SESSION}", "head#"),
        ("usage", "month#", "subjects#"),
        ("usage_changes", "partner#", "change#"),
    ),
    # billing
    *_erased("billing", _AGREEMENT, _PROVIDER, ("payment_method", _ACCOUNT, "payer")),
    *_erased("billing", _BOOKS, _YOU, ("buyer", _ACCOUNT, "buyer")),
    *_rows(
        "billing",
        _BOOKS,
        _YOU,
        LEGAL + ", as they stand on documents that were issued; what stands on none is erased with the account",
        Leaving.ON_DOCUMENTS,
        ("buyer_on_documents", _ACCOUNT, "buyer#"),
    ),
    *_books(
        "billing",
        _US,
        ("settlements", _ACCOUNT, "settled#"),
        ("settlements", _ACCOUNT, "was#"),
        ("invoices", _ACCOUNT, "invoice#"),
        ("proofs", _ACCOUNT, "proof#"),
        ("proofs", _ACCOUNT, "proofpart#"),
        ("holds", _ACCOUNT, "hold#"),
        ("holds", _ACCOUNT, "paidby#"),
        ("credit_notes", _ACCOUNT, "credit#"),
        ("refunds", _ACCOUNT, "refund#"),
        ("money_back", _ACCOUNT, "moneyback"),
        ("taxes", _ACCOUNT, "taxed#"),
        ("parked_months", _ACCOUNT, "parked#"),
        ("parked_months", "parked", ""),
        ("wallet", _ACCOUNT, "wallet#"),
        ("wallet", _ACCOUNT, "walletmove#"),
        ("wallet", _ACCOUNT, "walletback#"),
        ("top_ups", _ACCOUNT, "topup#"),
        ("top_ups", "topped#", "topup"),
        ("gifts", "gift#", "gift"),
        ("settlement_policy", "policy#{account}", "since#"),
        ("payment_terms", _ACCOUNT, "term#"),
        ("invoices", "waiting#", ""),
        ("invoices", "charge#", "charge"),
        ("invoices", "issued#", ""),
        ("written_off", "writtenoff#{account}", ""),
        ("written_off", "lost#", ""),
        ("partner_shares", "shares#", "account#"),
        ("differences", "comparison#", ""),
    ),
    *_rows(
        "billing",
        _CLAIMS,
        _PARTNER,
        LEGAL + "; photos and documents for the claims' period (three years unless the operator states another)",
        Leaving.UNLINKED,
        ("charges", _ACCOUNT, "settles#"),
        ("charges", "owedby#", ""),
        ("charges", "owedid#", "charge"),
    ),
    *_rows(
        "billing",
        _CLAIMS,
        _PROVIDER,
        LEGAL,
        Leaving.UNLINKED,
        ("disputes", _ACCOUNT, "dispute#"),
        ("disputes", "dispute#", ""),
        ("disputes", "disputes", ""),
        ("refunds_by_hand", "outside#", ""),
        ("refunds_by_hand", "outsides", ""),
    ),
    *_rows("inbox", _RUNNING, _PROVIDER, _MONTH_OR_SO, Leaving.RUNS_OUT, ("provider_events", "event#", "event")),
    # ledger
    *_books(
        "ledger",
        _US,
        ("ledger_entries", _ACCOUNT, ""),
        ("ledger_entries", "month#", ""),
        ("ledger_entries", "late#", ""),
        ("ledger_entries", "entry#", ""),
    ),
    *_books("ledger", _US, ("ledger_entries", "posted#", "")),
    # finance
    *_rows("finance", Purpose.ACCOUNTABILITY, _US, _TWO_YEARS, Leaving.RUNS_OUT, ("accesses", "audit#", "")),
    *_books(
        "finance",
        _US,
        ("closes", "close#", ""),
        ("reconciliations", "reconciliation#", ""),
        ("finance_notices", "notices", ""),
    ),
    # dialogue
    *_erased("dialogue", _AGREEMENT, _US, ("notices", _ACCOUNT, "notice#")),
    # edge and storage
    *_rows(
        "idempotency",
        _RUNNING,
        _US,
        "seven days; then the database removes it",
        Leaving.RUNS_OUT,
        ("answers", "answer#", "answer"),
    ),
    *_rows("outbox", _RUNNING, _US, _MONTH_OR_SO, Leaving.RUNS_OUT, ("messages", "", "message")),
)


def held_as(area: str, pk: str, sk: str) -> Holding | None:
    """The row of an item; None: nobody has described it."""
    return holding_of(area, pk, sk, HOLDINGS)
