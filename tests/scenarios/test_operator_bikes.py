"""City bikes in Helsinki, June to August 2021, in euros (infra/local/operators/bikes.json).

By the ride: 0.50 to unlock with 30 minutes included, then 1.00 for each half hour that is begun, at most 9.00 a day.
By the month: 5.00 with 60 minutes a ride included, then 1.00 for each half hour. Each rider pays what is cheaper.
Who has a plan pays nothing to unlock and has 60 minutes a ride included: a season for 12.00 a month, 6.00 for students;
a day for 4.00.
"""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from infra.local.client import RefusedError
from tests.scenarios.first_months import MOBILE, Person, Stage, first_months, refusal

MINUTE = 60
SUBSCRIPTIONS = f"{MOBILE}/subscriptions"


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
    onni: Person
    season: str
    lost: str
    charge: str

    def test_31_may_three_riders_sign_up(self, stage: Stage) -> None:
        people = [stage.customer(each, "fi") for each in ("aino", "eero", "onni")]
        type(self).aino, type(self).eero, type(self).onni = people
        assert [each.app.get("/mobile/v1/me")["payment"] for each in people] == ["in_order"] * 3

    def test_1_june_at_noon_onni_shows_that_he_studies_and_has_the_students_season(self, stage: Stage) -> None:
        """
        29.5 of 30 days of 6.00: 5.90. A ride of 55 minutes: nothing. One of 80: one half hour, 1.00. June: 6.90.
        """
        stage.at("06-01 12:00")
        with pytest.raises(RefusedError) as not_shown:
            self.onni.subscribes("student", "fi")
        assert not_shown.value.status == 403
        stage.shows(self.onni, "student", student_until="2022-07-31")
        type(self).season = self.onni.subscribes("student", "fi")

        rides = [("06-01 13:00", "06-01 13:55", 55), ("06-01 14:00", "06-01 15:20", 80)]
        sessions = [ride(stage, self.onni, "HEL-0001", (begun, docked), minutes) for begun, docked, minutes in rides]
        assert [self.onni.paid_for(each) for each in sessions] == ["0.00", "1.00"]
        confirmation = self.onni.app.get(f"{SUBSCRIPTIONS}/{self.season}/confirmation")
        assert [(each["terms_version"], each["language"]) for each in confirmation] == [("2021-05", "fi")]

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

    def test_5_july_onni_will_be_away_and_has_his_season_paused_for_ten_days(self, stage: Stage) -> None:
        """
        Ten of July's 31 days, from noon to noon: 6.00 x 21 / 31 = 4.0645, 4.06.
        """
        stage.at("07-05 12:00")
        away = {"from": stage.instant("07-10 12:00"), "until": stage.instant("07-20 12:00")}
        self.onni.app.post(f"{SUBSCRIPTIONS}/{self.season}/pause", away)

        assert self.onni.app.get(f"{SUBSCRIPTIONS}/{self.season}")["state"] == "active"

    def test_6_july_the_loss_of_eeros_bike_is_stated(self, stage: Stage) -> None:
        """
        480.00, with what shows it; the bike is off the offers.
        """
        stage.at("07-06 10:00")
        stage.partners["hsl"].post("/partner/v1/assets/bike-3/take-outs", {"reason": "never came back"})
        type(self).charge = stage.charges(self.lost, "loss", "480.00", "07-04 00:30", "A bike that never came back")

        with pytest.raises(RefusedError) as out:
            self.aino.asks("HEL-0003")
        assert refusal(out.value) == (409, "asset_taken_out")

    def test_10_to_20_july_onnis_season_rests_and_nobody_objects_to_the_loss(self, stage: Stage) -> None:
        """
        While it is paused he would ride as everybody does. The loss is accepted by fourteen days of silence.
        """
        stage.at("07-10 12:00:01")
        assert self.onni.app.get(f"{SUBSCRIPTIONS}/{self.season}")["state"] == "paused"
        assert self.onni.asks("HEL-0001")["estimate"]["amount"] == "0.50"
        stage.at("07-20 12:00")
        assert self.onni.app.get(f"{SUBSCRIPTIONS}/{self.season}")["state"] == "active"
        assert self.onni.asks("HEL-0001")["estimate"]["amount"] == "0.00"

        assert self.eero.app.get(f"{MOBILE}/charges/{self.charge}")["state"] == "accepted"
        assert self.eero.stated("2021-07") == "480.50"

    def test_july_aino_rides_once_and_pays_by_the_ride(self, stage: Stage) -> None:
        """
        55 minutes: 1.50; the month would be 5.00.
        """
        ride(stage, self.aino, "HEL-0001", ("07-21 08:00", "07-21 08:55"), 55)

        assert self.aino.stated("2021-07") == "1.50"

    def test_31_july_eero_buys_a_day_and_rides_three_times(self, stage: Stage) -> None:
        """
        4.00 for the day, and nothing for three rides of 55 minutes, which would have been 4.50.
        """
        stage.at("07-31 08:00")
        self.eero.subscribes("day", "fi")
        for hour in ("09", "12", "15"):
            session = ride(stage, self.eero, "HEL-0001", (f"07-31 {hour}:00", f"07-31 {hour}:55"), 55)
            assert self.eero.paid_for(session) == "0.00"

        assert self.eero.stated("2021-07") == "484.50"

    def test_2_august_a_guest_scans_and_goes_and_is_a_customer_before_the_ride_is_over(self, stage: Stage) -> None:
        """
        25 minutes: 0.50. What the guest began goes on under Liisa's sign-in; the guest's opens nothing any more.
        """
        stage.at("08-02 10:00")
        guest, liisa = stage.customer("guest", "fi"), stage.visitor("liisa")
        scan = {"code": "HEL-0002", "start": True, "worst_case_up_to": "9.00"}
        session = guest.app.post(f"{MOBILE}/scans", scan)["session"]["session_id"]
        stage.at("08-02 10:20")
        link = guest.app.call("POST", f"{MOBILE}/me/sign-in")["link"]
        liisa.app.post(f"{MOBILE}/me/link", {"link": link})
        stage.at("08-02 10:25")
        stage.reports("hsl", session, "08-02 10:25", ("use_seconds", str(25 * MINUTE)), "docked")

        assert liisa.paid_for(session) == "0.50"
        with pytest.raises(RefusedError) as gone:
            guest.app.get(f"{MOBILE}/me")
        assert refusal(gone.value) == (403, "sign_in_linked")
        stage.people["liisa"] = liisa

    def test_12_august_the_bike_is_found_and_most_of_the_loss_is_given_back(self, stage: Stage) -> None:
        """
        460.00 of 480.00; 20.00 stay for fetching it. The money goes back to the card.
        """
        stage.at("08-12 10:00")
        body = {"amount": "460.00", "note": "found in the bay"}
        stage.partners["hsl"].post(f"/partner/v1/charges/{self.charge}/counter", body)
        (out,) = stage.partners["hsl"].get("/partner/v1/assets/bike-3/take-outs")["items"]
        stage.partners["hsl"].delete(f"/partner/v1/assets/bike-3/take-outs/{out['take_out_id']}")
        stage.at("08-16 12:00")
        self.onni.app.post(f"{SUBSCRIPTIONS}/{self.season}/end", {"why": "not_needed"})
        stage.at("09-01 12:00")

        assert {"charge_countered", "credit_note", "refunded"} <= self.eero.told()
        (note,) = self.eero.app.get(f"{MOBILE}/credit-notes")["items"]
        assert (note["total"]["amount"], note["refunded"]["amount"]) == ("460.00", "460.00")

    def test_the_books_of_three_months_tie(self, stage: Stage) -> None:
        """
        Aino: 5.00 in June, 1.50 in July. Eero: 9.00 in June; in July 0.50 + 4.00, and 480.00, of which 460.00 came
        back: 24.50. Onni: 6.90 in June, 4.06 in July, and until noon of 16 August 15.5 of 31 days: 3.00.
        Liisa: 0.50 in August.
        All but the 20.00 of the loss holds VAT at 25.5 per cent, 25.5 / 125.5, by month and product: 1.02 of 5.00, 0.30
        of 1.50; 1.83 of 9.00, 0.10 of 0.50, 0.81 of 4.00; 0.20 of 1.00, 1.20 of 5.90, 0.82 of 4.06, 0.61 of 3.00;
        0.10 of 0.50: 6.99.
        """
        months = {
            "2021-06": {"aino": "5.00", "eero": "9.00", "onni": "6.90"},
            "2021-07": {"aino": "1.50", "eero": "24.50", "onni": "4.06"},
            "2021-08": {"aino": "0.00", "eero": "0.00", "onni": "3.00", "liisa": "0.50"},
        }
        billed = {"aino": "6.50", "eero": "493.50", "onni": "13.96", "liisa": "0.50"}
        stage.assert_books_tie(months, billed, given_back={"eero": "460.00"})

        assert stage.ledger()["tax:0.255"] == Decimal("6.99")
