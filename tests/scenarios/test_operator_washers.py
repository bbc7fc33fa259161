"""Washing machines as a service in Utrecht, June to August 2021, in euros (infra/local/operators/washers.json).

0.90 a wash and 0.40 a kilowatt-hour by the machine's own counter; its care is 3.00 a month. One access goes on for as
long as the machine stands there, with a charge record at each month's end.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.scenarios.first_months import MOBILE, SESSIONS, Person, Stage, first_months


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with first_months("washers") as stage:
        yield stage


def washes(month: str, days: range) -> list[tuple[str, str, str]]:
    """One wash on each of these days, at seven in the evening."""
    return [(f"{month}-{day:02d} 19:00", "wash", "1") for day in days]


class TestFirstMonths:
    """The tests of this class are a calendar and stand in order of time."""

    anouk: Person
    care: str
    session: str

    def billed(self, month: str) -> str:
        """All bills of the month together: what ends in it is billed at once."""
        bills = (each["total"]["amount"] for each in self.anouk.invoices() if each["month"] == month)
        return str(sum(map(Decimal, bills), Decimal()))

    def test_1_june_a_machine_is_put_into_anouks_home(self, stage: Stage) -> None:
        type(self).anouk = stage.customer("anouk", "nl")
        stage.at("06-01 00:00")
        type(self).care = self.anouk.subscribes("care", "nl", begin_at_once=True)
        stage.at("06-01 10:00")
        type(self).session = self.anouk.starts("WASH-0001")

        told = stage.read_by("witgoed", "meter-1", ("06-01 10:00", "energy", "512.0"))
        assert told == ["accepted"]

    def test_june_is_billed_by_its_washes_and_by_the_counter(self, stage: Stage) -> None:
        """
        20 washes: 18.00. The counter goes from 512.0 to 524.5: 12.5 kWh, 5.00. Care: 3.00. June: 26.00.
        """
        stage.at("06-30 22:00")
        stage.read_by("witgoed", "meter-1", *washes("06", range(3, 23)), ("06-30 21:00", "energy", "524.5"))
        stage.at("07-01 12:00")

        assert self.billed("2021-06") == "26.00"

    def test_1_july_care_becomes_dearer_in_six_weeks_and_anouk_is_told_by_how_much(self, stage: Stage) -> None:
        """
        3.60 instead of 3.00 from 16 August on. What she has had so far, all of June and half a day of July, was
        3.00 + 0.05, and would be 3.60 + 0.06.
        """
        plan = stage.file.document["plans"]["care"]
        dearer = {**plan, "fee": {**plan["fee"], "prices": [{**plan["fee"]["prices"][0], "amount": "3.60"}]}}
        stage.operator.put("/finance/v1/plans/care", dearer)
        holds = {"holds_from": stage.instant("08-16 00:00"), "reason": "Parts have become dearer."}
        stage.operator.post("/finance/v1/plans/care/announcements", holds)
        stage.settled()

        told = self.anouk.app.get(f"{MOBILE}/subscriptions/{self.care}/announcement")["announcement"]
        assert (told["after"]["amount"], told["more"]["amount"]) == ("3.66", "0.61")
        assert "price_change" in self.anouk.told()

    def test_1_july_a_higher_price_is_published_and_what_goes_on_keeps_the_price_that_was_promised(
        self, stage: Stage
    ) -> None:
        product = stage.file.document["partners"]["witgoed"]["products"]["washer"]
        dearer = {
            **product["tariff"],
            "prices": [{**each, "unit_amount": "1.00"} for each in product["tariff"]["prices"]],
        }
        stage.partners["witgoed"].post("/partner/v1/products/washer/tariffs", dearer)

        assert self.anouk.asks("WASH-0002", wash="1", energy="1")["estimate"]["amount"] == "2.00"

    def test_5_july_to_9_august_the_machine_is_offline_and_loses_nothing(self, stage: Stage) -> None:
        """
        Until 4 July three washes, 2.70, and 1.5 kWh, 0.60; care 3.00: July's bill is 6.30 at first.
        Of its five weeks it tells on 9 August: in July 18 washes, 16.20, and 11.25 kWh, 4.50; in August 4 washes, 3.60,
        and 2.75 kWh, 1.10: 25.40, at the price that was promised.
        """
        stage.at("07-04 22:00")
        stage.read_by("witgoed", "meter-1", *washes("07", range(2, 5)), ("07-04 21:00", "energy", "526.0"))
        stage.at("08-01 12:00")
        assert self.billed("2021-07") == "6.30"

        stage.at("08-09 20:00")
        buffered = [
            *washes("07", range(10, 28)),
            ("07-31 21:00", "energy", "537.25"),
            *washes("08", range(5, 9)),
            ("08-09 19:30", "energy", "540.0"),
        ]
        assert set(stage.read_by("witgoed", "meter-1", *buffered)) == {"accepted"}
        assert self.anouk.app.get(f"{SESSIONS}/{self.session}")["amount"]["amount"] == "51.70"  # 23.00 + 3.30 + 25.40

    def test_16_august_the_machine_is_swapped_for_a_newer_one_whose_counter_begins_at_3(self, stage: Stage) -> None:
        """
        Ten washes, 9.00, and 3.0 to 9.5 on its own counter, 6.5 kWh, 2.60: 11.60. In all 63.30.
        """
        stage.at("08-16 09:00")
        self.anouk.app.post(f"{SESSIONS}/{self.session}/transfer", {"code": "WASH-0002"})
        stage.settled()
        stage.at("08-28 09:00")
        told = stage.read_by(
            "witgoed",
            "meter-2",
            ("08-16 09:30", "energy", "3.0"),
            *washes("08", range(17, 27)),
            ("08-28 08:30", "energy", "9.5"),
        )
        assert set(told) == {"accepted"}

        assert self.anouk.ends(self.session) == "63.30"

    def test_28_august_the_machine_is_fetched_as_anouk_ordered_and_care_ends(self, stage: Stage) -> None:
        """
        39.00 for fetching it, once she has accepted. Care: 15 of August's 31 days at 3.00, and from the 16th on, as
        announced, 12 days and 9 hours at 3.60: (45.00 + 44.55) / 31 = 2.89.
        """
        self.anouk.app.post(f"{MOBILE}/subscriptions/{self.care}/end", {})
        pick_up = stage.charges(self.session, "delivery", "39.00", "08-28 09:00", "Fetched from the third floor")
        self.anouk.app.post(f"{MOBILE}/charges/{pick_up}/accept")
        stage.settled()
        stage.at("09-01 12:00")

        assert self.billed("2021-08") == "78.89"  # 25.40 + 11.60 + 39.00 + 2.89

    def test_the_books_of_three_months_tie(self, stage: Stage) -> None:
        """
        26.00 in June, 6.30 in July, 78.89 in August: 111.19. Statements show the session in the month in which it
        began, 63.30, with care 66.30; care alone in July; in August what was ordered, 39.00, and care.
        """
        months = {"2021-06": {"anouk": "66.30"}, "2021-07": {"anouk": "3.00"}, "2021-08": {"anouk": "41.89"}}
        stage.assert_books_tie(months, {"anouk": "111.19"})

        records = self.anouk.app.get(f"{MOBILE}/sessions/{self.session}/timeline")["entries"]
        assert len([each for each in records if each["kind"] == "charge"]) == 3
