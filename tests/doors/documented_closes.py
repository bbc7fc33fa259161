"""Calls about closes, reconciling and audits whose answers have to be what the finance door's document says."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]


def finance_closes(call: Call, settle: Callable[[], object]) -> None:
    """A closed month is opened again, what failed is asked for, books are reconciled, audit records read."""
    call("POST", "/v1/closes/{month}/reopening", {"note": "x"}, month="2021-05")
    settle()
    call("GET", "/v1/closes/{month}/failed", month="2021-05")
    call("POST", "/v1/closes/{month}/failed/{account_id}/again", month="2021-05", account_id="none")
    call("POST", "/v1/reconciliations", {"month": "2021-05"})
    settle()
    assert call("GET", "/v1/reconciliation/{month}", month="2021-05")["state"] == "done"
    call("GET", "/v1/unbilled-usage/{month}", month="2021-05")
    assert call("GET", "/v1/audit")["items"]
