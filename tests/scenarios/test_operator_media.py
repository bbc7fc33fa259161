"""Music and software from Berlin, June to August 2021, in euros (infra/local/operators/media.json).

Songs: 0.02 a play, at most 9.90 a month, any number of people at once, two streams each.
An editor: 1.50 for each day on which it is open, at most 12.00 a month, two seats.
"""

from collections.abc import Iterator

import pytest

from infra.local.client import RefusedError
from tests.scenarios.first_months import SESSIONS, Person, Stage, first_months, refusal

STREAMS = "/partner/v1/entitlements/streams"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with first_months("media") as stage:
        yield stage


def listens(stage: Stage, person: Person, begun: str, ended: str, plays: int) -> str:
    """An evening of so many plays; what it came to."""
    stage.at(begun)
    session = person.starts("SONGS")
    stage.at(ended)
    stage.reports("klang", session, ended, *[("plays", "1")] * plays)
    return person.ends(session)


class TestFirstMonths:
    """The tests of this class are a calendar and stand in order of time."""

    lena: Person
    tom: Person
    uli: Person

    def test_31_may_three_people_sign_up(self, stage: Stage) -> None:
        type(self).lena, type(self).tom, type(self).uli = (stage.customer(each) for each in ("lena", "tom", "uli"))

    def test_5_june_everybody_may_listen_at_once_and_each_on_two_things(self, stage: Stage) -> None:
        """
        Copies are unlimited; a third stream of one person waits. Lena plays 30 songs: 0.60. Tom plays 10: 0.20.
        """
        stage.at("06-05 19:00")
        sessions = [each.starts("SONGS") for each in (self.lena, self.tom)]
        (known,) = {each["known_as"] for each in self.lena.app.get(SESSIONS)}
        opened = [
            stage.partners["klang"].call("POST", STREAMS, {"asset": "library", "customer": known, "stream": thing})[
                "entitlement"
            ]
            for thing in ("kitchen", "phone", "car")
        ]
        assert [(each["allow"], each["reason"]) for each in opened] == [
            (True, "entitled"),
            (True, "entitled"),
            (False, "streams_in_use"),
        ]
        stage.at("06-05 22:00")
        for session, plays in zip(sessions, (30, 10), strict=True):
            stage.reports("klang", session, "06-05 21:59", *[("plays", "1")] * plays)

        assert [each.ends(session) for each, session in zip((self.lena, self.tom), sessions, strict=True)] == [
            "0.60",
            "0.20",
        ]

    def test_june_lena_listens_so_much_that_she_reaches_the_months_cap(self, stage: Stage) -> None:
        """
        400 plays: 8.00. 100 more: 2.00, of which the cap of 9.90 leaves 9.90 - 0.60 - 8.00 = 1.30.
        """
        assert listens(stage, self.lena, "06-12 10:00", "06-12 22:00", 400) == "8.00"
        assert listens(stage, self.lena, "06-19 10:00", "06-19 22:00", 100) == "1.30"

    def test_21_to_22_june_two_seats_are_taken_and_the_third_person_waits_for_one(self, stage: Stage) -> None:
        """
        Tom opens the editor twice on the 21st: 1.50 once. Uli has the other seat: 1.50, and 1.50 on the 22nd.
        """
        stage.at("06-21 09:00")
        first, other = self.tom.starts("EDITOR"), self.uli.starts("EDITOR")
        with pytest.raises(RefusedError) as full:
            self.lena.starts("EDITOR")
        assert refusal(full.value) == (409, "asset_in_use")
        stage.at("06-21 12:00")
        assert self.tom.ends(first) == "1.50"
        assert self.uli.ends(other) == "1.50"
        again = self.tom.starts("EDITOR")
        stage.at("06-21 13:00")
        assert self.tom.ends(again) == "0.00"
        stage.at("06-22 09:00")
        assert self.uli.ends(self.uli.starts("EDITOR")) == "1.50"

    def test_july_nobody_needs_anything_and_nobody_gets_a_bill(self, stage: Stage) -> None:
        stage.at("08-01 12:00")

        assert [each.stated("2021-07") for each in (self.lena, self.tom, self.uli)] == ["0.00"] * 3
        assert [[bill["month"] for bill in each.invoices()] for each in (self.lena, self.tom, self.uli)] == [
            ["2021-06"]
        ] * 3

    def test_august_lena_is_back_with_the_next_song(self, stage: Stage) -> None:
        """
        50 plays: 1.00, and no fee for the month in which she needed nothing.
        """
        assert listens(stage, self.lena, "08-14 20:00", "08-14 23:00", 50) == "1.00"
        stage.at("09-01 12:00")

    def test_the_books_of_three_months_tie(self, stage: Stage) -> None:
        """
        Lena: 9.90 in June, 1.00 in August. Tom: 0.20 + 1.50 = 1.70. Uli: 3.00. In all 15.60, of which VAT at 19 per
        cent, by bill and product: 9.90 x 19 / 119 = 1.58; 1.00: 0.16; 1.70: 0.27; 3.00: 0.48. In all 2.49.
        """
        nothing = {"lena": "0.00", "tom": "0.00", "uli": "0.00"}
        months = {"2021-06": {"lena": "9.90", "tom": "1.70", "uli": "3.00"}, "2021-07": nothing}
        months["2021-08"] = {**nothing, "lena": "1.00"}
        stage.assert_books_tie(months, {"lena": "10.90", "tom": "1.70", "uli": "3.00"})

        assert str(stage.ledger()["tax:0.19"]) == "2.49"
