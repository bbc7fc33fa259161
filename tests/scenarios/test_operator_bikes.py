"""City bikes in Helsinki, June to August 2021, in euros (infra/local/operators/bikes.json).

By the ride: 0.50 to unlock with 30 minutes included, then 1.00 for each half hour that is begun, at most 9.00 a day.
By the month: 5.00 with 60 minutes a ride included, then 1.00 for each half hour. Each rider pays what is cheaper.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from infra.local.client import RefusedError
from tests.scenarios.first_months import MOBILE, Person, Stage, first_months, refusal

MINUTE = 60


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with first_months("bikes") as stage:
        yield stage


def ride(stage: Stage, rider: Person, code: str, times: tuple[str, str], minutes: int) -> str:
    """Out from then until then, in use for so many minutes; the session."""
    begun, docked = times
    stage.at(begun)
    session = rider.starts(code)
    stage.at(docked)
    stage.reports("hsl", session, docked, ("use_seconds", str(minutes * MINUTE)), "docked")
    return session


class TestFirstMonths:
    """The tests of this class are a calendar and stand in order of time."""

    aino: Person
    eero: Person
    lost: str

    def test_31_may_two_riders_sign_up(self, stage: Stage) -> None:
        type(self).aino, type(self).eero = stage.customer("aino", "fi"), stage.customer("eero", "fi")

    def test_june_aino_rides_four_times_and_the_month_is_cheaper_for_her(self, stage: Stage) -> None:
        """
        Four rides of 55 minutes: 4 x (0.50 + 1.00) = 6.00. By the month 5.00, all rides within an hour.
        """
        for day in ("02", "09", "16", "23"):
            session = ride(stage, self.aino, "HEL-0001", (f"06-{day} 08:00", f"06-{day} 08:55"), 55)
            assert self.aino.paid_for(session) == "1.50"

        assert self.aino.stated("2021-06") == "5.00"

    def test_26_june_eero_has_a_bike_out_all_day_and_reaches_the_days_cap(self, stage: Stage) -> None:
        """
        In use for 6 hours: 0.50 + 11 half hours = 11.50, at most 9.00. By the month 5.00 + 10.00: dearer.
        """
        session = ride(stage, self.eero, "HEL-0002", ("06-26 09:00", "06-26 19:00"), 360)

        assert self.eero.paid_for(session) == "9.00"
        assert self.eero.stated("2021-06") == "9.00"

    def test_3_july_eeros_bike_is_never_docked_and_the_session_ends_when_he_says_so(self, stage: Stage) -> None:
        """
        Half an hour by the bike's own measure, which then falls silent: 0.50.
        """
        stage.at("07-03 21:00")
        session = type(self).lost = self.eero.starts("HEL-0003")
        stage.at("07-03 21:30")
        stage.reports("hsl", session, "07-03 21:30", ("use_seconds", "1800"))
        stage.at("07-04 01:00")

        assert self.eero.ends(session) == "0.50"

    def test_6_july_the_loss_is_stated_and_in_two_weeks_nobody_objects(self, stage: Stage) -> None:
        """
        480.00; silence of fourteen days accepts it. The bike is off the offers.
        """
        stage.at("07-06 10:00")
        stage.partners["hsl"].post("/partner/v1/assets/bike-3/take-outs", {"reason": "never came back"})
        charge = stage.charges(self.lost, "loss", "480.00", "07-04 00:30", "A bike that never came back")
        with pytest.raises(RefusedError) as out:
            self.aino.asks("HEL-0003")
        assert refusal(out.value) == (409, "asset_taken_out")
        stage.at("07-20 10:05")

        assert self.eero.app.get(f"{MOBILE}/charges/{charge}")["state"] == "accepted"
        assert self.eero.stated("2021-07") == "480.50"
        type(self).charge = charge

    def test_july_aino_rides_once_and_pays_by_the_ride(self, stage: Stage) -> None:
        """
        55 minutes: 1.50; the month would be 5.00.
        """
        ride(stage, self.aino, "HEL-0001", ("07-21 08:00", "07-21 08:55"), 55)

        assert self.aino.stated("2021-07") == "1.50"

    def test_12_august_the_bike_is_found_and_most_of_the_loss_is_given_back(self, stage: Stage) -> None:
        """
        460.00 of 480.00; 20.00 stay for fetching it. The money goes back to the card.
        """
        stage.at("08-12 10:00")
        body = {"amount": "460.00", "note": "found in the bay"}
        stage.partners["hsl"].post(f"/partner/v1/charges/{self.charge}/counter", body)
        (out,) = stage.partners["hsl"].get("/partner/v1/assets/bike-3/take-outs")["items"]
        stage.partners["hsl"].delete(f"/partner/v1/assets/bike-3/take-outs/{out['take_out_id']}")
        stage.at("09-01 12:00")

        assert {"charge_countered", "credit_note", "refunded"} <= self.eero.told()
        (note,) = self.eero.app.get(f"{MOBILE}/credit-notes")["items"]
        assert (note["total"]["amount"], note["refunded"]["amount"]) == ("460.00", "460.00")

    def test_the_books_of_three_months_tie(self, stage: Stage) -> None:
        """
        Aino: 5.00 in June, 1.50 in July. Eero: 9.00 in June; in July 0.50 and 480.00, of which 460.00 came back: 20.50.
        Without the 20.00 of the loss 16.00 hold VAT at 25.5 per cent, by bill: 5.00 x 25.5 / 125.5 = 1.02,
        1.50: 0.30, 9.00: 1.83, 0.50: 0.10. In all 3.25.
        """
        months = {
            "2021-06": {"aino": "5.00", "eero": "9.00"},
            "2021-07": {"aino": "1.50", "eero": "20.50"},
            "2021-08": {"aino": "0.00", "eero": "0.00"},
        }
        stage.assert_books_tie(months, {"aino": "6.50", "eero": "489.50"}, given_back={"eero": "460.00"})

        assert stage.ledger()["tax:0.255"] == Decimal("3.25")
