"""Calls about disputes and comparisons whose answers have to be what the finance door's document says."""

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]
NOTE = {"note": "paid by bank transfer"}


def finance_disputes(call: Call, settle: Callable[[], object], dispute: str = "none") -> None:
    """Disputes are looked at and made good, their evidence is asked for, books are compared."""
    one = "/v1/disputes/{dispute_id}"
    call("GET", "/v1/disputes")
    call("GET", one, dispute_id=dispute)
    call("POST", f"{one}/evidence", dispute_id=dispute)
    settle()
    call("GET", f"{one}/evidence", dispute_id=dispute)
    call("POST", f"{one}/make-good", NOTE, dispute_id=dispute)
    where = {"account_id": "none", "month": "2021-05", "number": "1"}
    call("POST", "/v1/invoices/{account_id}/{month}/{number}/write-off", NOTE, **where)
    outside = "/v1/outside-refunds/{refund_id}"
    for method, body in (("POST", NOTE), ("GET", None)):
        assert call(method, outside, body, refund_id="re_none")["refund_id"] == "re_none"
    assert call("GET", "/v1/outside-refunds")["items"]
    call("GET", "/v1/trace?id=none")
    asked = call("POST", "/v1/comparisons")["asked_at"]
    settle()
    assert call("GET", "/v1/comparisons?limit=1")["items"][0]["asked_at"] == asked
    assert call("GET", "/v1/comparisons/{date}", date=asked[:10])[-1]["comparison"]["state"] == "done"
