"""Car sharing in Stockholm, June to August 2021, in kronor (infra/local/operators/cars.json).

A small car: 1.20 a minute in use, 0.30 a minute kept; 2.50 a kilometre; 15.00 for each passage into the inner city.
Who drives has shown a licence. A car that fails gives half of the charge back.
"""

from collections.abc import Iterator

import pytest

from infra.local.client import RefusedError
from tests.scenarios.first_months import MOBILE, SESSIONS, Person, Stage, first_months, refusal


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with first_months("cars") as stage:
        yield stage


class TestFirstMonths:
    """The tests of this class are a calendar and stand in order of time."""

    sven: Person
    maja: Person
    to_the_sea: str

    def test_31_may_two_drivers_sign_up_and_svens_licence_ends_on_15_july(self, stage: Stage) -> None:
        type(self).sven, type(self).maja = stage.customer("sven", "sv"), stage.customer("maja", "sv")
        with pytest.raises(RefusedError) as no_licence:
            self.sven.starts("CAR-0001")
        assert refusal(no_licence.value) == (403, "eligibility_missing")
        stage.shows(self.sven, "driving_licence:B", licence={"classes": ["B"], "until": "2021-07-15"})
        stage.shows(self.maja, "driving_licence:B", licence={"classes": ["B"], "until": "2029-03-01"})

    def test_12_june_sven_drives_a_booked_car_to_the_sea(self, stage: Stage) -> None:
        """
        Booked 9:00 to 15:00. He drives 9:00 to 9:40 and 14:10 to 14:50, 80 minutes: 80 x 1.20 = 96.00.
        Kept 9:40 to 14:10, 270 minutes: 81.00. 62.4 km: 156.00. One passage: 15.00. In all 348.00.
        """
        stage.at("06-10 18:00")
        booking = self.sven.books(stage.instant("06-12 09:00"), stage.instant("06-12 15:00"), code="CAR-0001")
        stage.at("06-12 09:00")
        session = type(self).to_the_sea = self.sven.fetches(booking, "CAR-0001")
        stage.reports("elbil", session, "06-12 09:00", "unlocked", "moving")
        stage.at("06-12 14:50")
        for when, sign in (("09:40", "idle"), ("14:10", "moving")):
            stage.reports("elbil", session, f"06-12 {when}", sign)
        stage.reports("elbil", session, "06-12 14:50", ("km", "62.4"), ("zone", "1"), "docked")

        assert self.sven.paid_for(session) == "348.00"

    def test_1_july_sven_is_told_that_his_licence_ends_in_two_weeks(self, stage: Stage) -> None:
        assert "eligibility_expires" not in self.sven.told()
        stage.at("07-01 12:00")

        assert "eligibility_expires" in self.sven.told()

    def test_17_july_five_weeks_later_the_city_fines_the_parking_by_the_sea(self, stage: Stage) -> None:
        """
        900.00, without VAT. He may object for 30 days; he does not, and it is billed with August.
        """
        stage.at("07-17 10:00")
        charge = stage.charges(self.to_the_sea, "fine", "900.00", "06-12 11:00", "Parked at a hydrant")

        shown = self.sven.app.get(f"{MOBILE}/charges/{charge}")
        assert (shown["state"], shown["amount"]["amount"]) == ("stated", "900.00")
        assert self.sven.stated("2021-07") == "0.00"
        type(self).fine = charge

    def test_20_july_the_licence_has_ended_and_is_shown_again(self, stage: Stage) -> None:
        """
        20 July: ten minutes and 4 km: 12.00 + 10.00 = 22.00.
        """
        stage.at("07-20 08:00")
        (asked,) = self.sven.asks("CAR-0001")["asks"]
        assert (asked["what"], asked["state"]) == ("driving_licence:B", "expired")
        with pytest.raises(RefusedError) as ended:
            self.sven.starts("CAR-0001")
        assert refusal(ended.value) == (403, "eligibility_expired")
        stage.shows(self.sven, "driving_licence:B", licence={"classes": ["B"], "until": "2031-07-15"})

        session = self.sven.starts("CAR-0001")
        stage.reports("elbil", session, "07-20 08:00", "moving")
        stage.at("07-20 08:10")
        stage.reports("elbil", session, "07-20 08:10", ("km", "4"), "docked")
        assert self.sven.paid_for(session) == "22.00"

    def test_24_july_maja_drives_half_of_the_way_and_pays_half(self, stage: Stage) -> None:
        """
        90 minutes: 108.00; 75 km: 187.50. In all 295.50, of which each has 147.75.
        """
        stage.at("07-24 10:00")
        session = self.sven.starts("CAR-0002")
        stage.reports("elbil", session, "07-24 10:00", "moving")
        invitation = self.sven.app.call("POST", f"{SESSIONS}/{session}/sharing", {})["invitation"]
        self.maja.app.post(f"{MOBILE}/shared-sessions", {"invitation": invitation})
        stage.at("07-24 11:30")
        stage.reports("elbil", session, "07-24 11:30", ("km", "75"), "docked")

        assert (self.sven.paid_for(session), self.maja.paid_for(session)) == ("147.75", "147.75")

    def test_7_august_a_flat_battery_ends_the_session_and_half_comes_back(self, stage: Stage) -> None:
        """
        30 minutes: 36.00; 20 km: 50.00; half of 86.00 comes back: 43.00. The car is off the offers until it is seen to.
        """
        stage.at("08-07 16:00")
        session = self.maja.starts("CAR-0002")
        stage.reports("elbil", session, "08-07 16:00", "moving")
        stage.at("08-07 16:30")
        stage.reports("elbil", session, "08-07 16:30", ("km", "20"), "faulty")
        assert self.maja.paid_for(session) == "43.00"
        with pytest.raises(RefusedError) as out:
            self.sven.asks("CAR-0002")
        assert refusal(out.value) == (409, "asset_taken_out")

        partner = stage.partners["elbil"]
        (case,) = partner.get("/partner/v1/cases?state=open")["items"]
        assert (case["session_id"], case["credit"]["amount"]) == (session, "43.00")
        partner.post(f"/partner/v1/cases/{case['case_id']}/close", {"note": "charged", "put_back": True})
        assert self.sven.asks("CAR-0002")["worst_case_hours"] == 24

    def test_16_august_nobody_has_objected_for_thirty_days_and_the_fine_is_due(self, stage: Stage) -> None:
        stage.at("08-16 12:00")
        assert self.sven.app.get(f"{MOBILE}/charges/{self.fine}")["state"] == "accepted"
        stage.at("09-01 12:00")
        assert self.sven.app.get(f"{MOBILE}/charges/{self.fine}")["state"] == "billed"

    def test_the_books_of_three_months_tie(self, stage: Stage) -> None:
        """
        Sven: 348.00 in June, 22.00 + 147.75 = 169.75 in July, 900.00 in August: 1,417.75 in all.
        Maja: 147.75 in July, 43.00 in August: 190.75. Of 708.50 without the fine a fifth is VAT, by bill:
        69.60 of 348.00, 33.95 of 169.75, 29.55 of 147.75, 8.60 of 43.00: 141.70. The fine has none.
        """
        months = {
            "2021-06": {"sven": "348.00", "maja": "0.00"},
            "2021-07": {"sven": "169.75", "maja": "147.75"},
            "2021-08": {"sven": "900.00", "maja": "43.00"},
        }
        stage.assert_books_tie(months, {"sven": "1417.75", "maja": "190.75"})

        ledger = stage.ledger()
        assert (str(ledger["tax:0.25"]), str(ledger[f"revenue:{stage.keys['elbil'].partner_id}:small/fine"])) == (
            "141.70",
            "900.00",
        )
