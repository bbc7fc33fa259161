"""Where customers stand from month to month, which of them moved, and what is expected of them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.billing.postings_of_money import fee_entry
from chalicelib.finance.customer_value import Past, Stage, ValueTerms, standing
from chalicelib.finance.monitor_model import Row
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from tests.unit.finance.monitored import Account, Nothing, Ride, after, read

AT = datetime(2021, 2, 1, 9, tzinfo=UTC)
RIDE = (Ride(cents=1000),)
"""8.00 without tax, 2.40 without the partner's share."""


def month(number: int) -> Month:
    return Month(2021, number)


@pytest.mark.parametrize(
    ("used", "stages"),
    [
        ("x", "first_use"),
        ("xx", "first_use active"),
        ("x...", "first_use asleep asleep lapsed"),
        ("x..x", "first_use asleep asleep active"),
        ("x...x", "first_use asleep asleep lapsed won_back"),
        (".x", "never_used first_use"),
        ("x....xx", "first_use asleep asleep lapsed lapsed won_back active"),
    ],
)
def test_a_stage_follows_from_the_months_with_and_without_use(used: str, stages: str) -> None:
    """
    An account lapses in its third month without use; what is used after that wins it back.
    """
    found, past = [], None
    for number, mark in enumerate(used, start=1):
        stood = standing(past, month(number), 0, ValueTerms(lapsed_after=3), used=mark == "x")
        past = Past(stood.stage, stood.first, stood.last)
        found.append(str(stood.stage))

    assert " ".join(found) == stages


def test_a_stage_looks_over_the_turn_of_a_year() -> None:
    past = Past(Stage.ACTIVE, Month(2020, 1), Month(2020, 12))

    assert standing(past, Month(2021, 1), 0, ValueTerms(), used=False).stage is Stage.ASLEEP
    assert standing(past, Month(2021, 3), 0, ValueTerms(), used=False).stage is Stage.LAPSED


def test_margin_adds_up_and_the_mean_is_of_the_last_months() -> None:
    past = None
    for number, margin in enumerate((100, 200, 300, 401), start=1):
        stood = standing(past, month(number), margin, ValueTerms(mean_of=3), used=True)
        past = Past(stood.stage, stood.first, stood.last, stood.margin_to_date, stood.months_used, stood.recent)

    assert (stood.margin_to_date, stood.months_used, stood.recent) == (1001, 4, (200, 300, 401))
    assert stood.expected(1, 2) == 150  # a mean of 300.33, half of which is expected
    assert stood.expected(0, 0) is None


def customers(earlier: Nothing, number: int, **used: bool) -> tuple[list[Row], Nothing]:
    accounts = [Account(name, RIDE if rides else ()) for name, rides in used.items()]
    monitors = read(accounts, month(number), earlier)
    return list(monitors.rows("customer-values")), after(monitors)


def test_moves_between_stages_are_counted_and_what_stayed_is_none() -> None:
    """
    Of three who began in January one goes on, one falls asleep, and one stays away; a fourth begins in February.
    """
    _, january = customers(Nothing(), 1, aino=True, ben=True, carl=True)
    rows, _ = customers(january, 2, aino=True, dora=True)

    moves = {row.key: row.figures["customers"] for row in rows if row.by == "move"}
    assert moves == {">first_use": 1, "first_use>active": 1, "first_use>asleep": 2}
    stages = {row.key: row.figures for row in rows if row.by == "stage"}
    assert stages["first_use"] == {"customers": 1, "margin": 240, "stood": 3, "used_again": 1}
    assert stages["asleep"] == {"customers": 2, "margin": 0, "stood": 0, "used_again": 0}


def test_what_is_expected_is_the_mean_margin_times_how_many_of_the_stage_came_again() -> None:
    """
    One in three of those who had begun in January came again: of Dora, who begins in February, 0.80 are expected.
    Nobody was active in January, so nothing is known of Aino.
    """
    _, january = customers(Nothing(), 1, aino=True, ben=True, carl=True)
    rows, february = customers(january, 2, aino=True, dora=True)
    of = {row.key: row for row in rows if row.by == "customer"}

    assert of["dora"].figures["expected"] == 80
    assert "expected" not in of["aino"].figures
    assert of["aino"].texts == {
        "stage": "active",
        "stage_before": "first_use",
        "first": "2021-01",
        "last": "2021-02",
    }
    assert (of["aino"].figures["margin_to_date"], of["ben"].figures["margin_to_date"]) == (480, 240)
    rows, _ = customers(february, 3, aino=True)
    assert {row.key: row.figures.get("expected") for row in rows if row.key == "aino"} == {"aino": 240}


def test_a_customer_who_does_nothing_stays_in_the_book() -> None:
    earlier = Nothing()
    _, earlier = customers(earlier, 1, aino=True)
    for number in (2, 3, 4, 5):
        rows, earlier = customers(earlier, number)

    (aino,) = [row for row in rows if row.by == "customer" and row.key]
    assert (aino.key, aino.texts["stage"], aino.figures["margin_to_date"]) == ("aino", "lapsed", 240)
    assert aino.kept["recent"] == [0, 0, 0]


def test_what_was_posted_to_earlier_months_after_their_exports_is_in_the_margin_to_date_and_in_no_months() -> None:
    """
    In January Aino earns 2.40. A fee of 0.70 is posted to it afterwards, and one of Ben's, of whom nothing else is
    known; the provider's own fee is nobody's.
    """
    _, january = customers(Nothing(), 1, aino=True)
    fees = (("aino", 70), ("ben", 30), ("stripe", 500))
    late = [fee_entry(name, Money(minor, "EUR"), name, month(1), AT) for name, minor in fees]
    rows, february = customers(replace(january, late=tuple(late)), 2)
    again, _ = customers(february, 3)

    codes = ("margin", "posted_late", "margin_to_date")
    of = {row.key: [row.figures.get(code) for code in codes] for row in rows if row.by == "customer"}
    assert (of["aino"], of["ben"], of[""][1:]) == ([0, -70, 170], [0, -30, -30], [None, None])
    assert {row.key: row.figures.get("margin_to_date") for row in again if row.by == "customer" and row.key} == {
        "aino": 170,
        "ben": -30,
    }
