"""What is ordered beside use counts under a hard budget as use does, and refuses nothing that fits."""

from tests.doors.asking import SESSIONS, limit
from tests.doors.callers import done
from tests.doors.vans import new_van
from tests.doors.world import Customer, Partner


def test_a_hard_budget_has_room_for_a_need_that_fits_though_the_tariff_prices_cancellations(
    customer: Customer, vans: Partner
) -> None:
    """An hour is 7.00, and time alone tells what a van comes to; 20.00 are allowed."""
    limit(customer, day={"amount": "20.00"})
    van = new_van(vans)
    quoted = done(customer.post("/mobile/v1/quotes", {"code": van, "need": {"in_use": "3600"}}, key=None))
    assert quoted["estimate"]["amount"] == "7.00"
    done(customer.post(SESSIONS, {"code": van, "quote": quoted["quote"]}))
