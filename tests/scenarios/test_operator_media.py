"""Music and software from Berlin, June to August 2021, in euros (infra/local/operators/media.json).

Songs: 0.02 a play, at most 9.90 a month for an account, any number of people at once, two streams each.
A family's plan: 6.00 a month while it is awake, that is until a week after the last song; 0.01 a play, at most 4.00 a
month for the family. An editor: 1.50 for each day on which it is open, at most 12.00 a month, two copies. A studio's
plan: 4.50 a month and seat, on the days on which it is needed, and the editor costs no more.
"""

from collections.abc import Iterator

import pytest

from infra.local.client import RefusedError
from tests.scenarios.first_months import MOBILE, SESSIONS, Person, Stage, first_months, refusal

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
    mia: Person
    jon: Person
    uli: Person
    plan: str

    def test_31_may_a_family_of_four_opens_an_account_and_uli_has_one_of_his_own(self, stage: Stage) -> None:
        """
        Lena pays and answers for the children, who need no account of their own and save no card.
        """
        lena, tom = (stage.customer(each, pays=False) for each in ("lena", "tom"))
        type(self).uli = stage.customer("uli")
        type(self).lena = stage.opens(lena, "family", "family")
        guards = {"role": "owner", "name": "lena", "guards": True}
        mine = self.lena.app.get(f"{MOBILE}/account/members")[0]["customer_id"]
        self.lena.app.put(f"{MOBILE}/account/members/{mine}", guards)
        type(self).tom = stage.joins(tom, self.lena, "member")
        children = (stage.joins(stage.visitor(each), self.lena, "minor") for each in ("mia", "jon"))
        type(self).mia, type(self).jon = children

        with pytest.raises(RefusedError) as child:
            self.mia.app.post(f"{MOBILE}/me/payment-methods")
        assert child.value.status == 403

    def test_5_june_the_family_has_a_plan_that_uli_may_not_have(self, stage: Stage) -> None:
        stage.at("06-05 00:00")
        with pytest.raises(RefusedError) as alone:
            self.uli.subscribes("family")
        assert alone.value.status == 403
        members = [each["customer_id"] for each in self.lena.app.get(f"{MOBILE}/account/members")]

        type(self).plan = self.lena.subscribes("family", "de", members=members)

    def test_5_june_the_family_listens_at_once_and_each_of_them_on_two_things(self, stage: Stage) -> None:
        """
        Copies are unlimited; a third stream of one person waits. Lena plays 30 songs, Tom 10, Mia 20: 0.30, 0.10, 0.20.
        """
        stage.at("06-05 19:00")
        listeners = (self.lena, self.tom, self.mia)
        sessions = [each.starts("SONGS") for each in listeners]
        known = self.mia.app.get(f"{SESSIONS}/{sessions[2]}")["session"]["known_as"]
        opened = [
            stage.partners["klang"].call("POST", STREAMS, {"asset": "library", "customer": known, "stream": thing})
            for thing in ("kitchen", "phone", "car")
        ]
        assert [(each["entitlement"]["allow"], each["entitlement"]["reason"]) for each in opened] == [
            (True, "entitled"),
            (True, "entitled"),
            (False, "streams_in_use"),
        ]
        stage.at("06-05 22:00")
        for session, plays in zip(sessions, (30, 10, 20), strict=True):
            stage.reports("klang", session, "06-05 21:59", *[("plays", "1")] * plays)

        assert [each.ends(session) for each, session in zip(listeners, sessions, strict=True)] == [
            "0.30",
            "0.10",
            "0.20",
        ]

    def test_june_the_family_reaches_the_months_cap_together(self, stage: Stage) -> None:
        """
        Lena: 320 plays, 3.20. Tom: 100, 1.00, of which 4.00 - 0.30 - 0.10 - 0.20 - 3.20 = 0.20 are left. Jon: nothing.
        """
        assert listens(stage, self.lena, "06-12 10:00", "06-12 22:00", 320) == "3.20"
        assert listens(stage, self.tom, "06-19 10:00", "06-19 22:00", 100) == "0.20"
        assert listens(stage, self.jon, "06-20 10:00", "06-20 11:00", 25) == "0.00"

    def test_21_to_22_june_two_copies_are_open_and_the_third_person_waits(self, stage: Stage) -> None:
        """
        Tom opens the editor twice on the 21st: 1.50 once. Uli has two seats for the studio and opens it on two days: no
        more for the editor, and 2 of June's 30 days of 4.50 for each seat: 0.60.
        """
        stage.at("06-21 00:00")
        self.uli.subscribes("studio", "de", seats=2)
        stage.at("06-21 09:00")
        first, other = self.tom.starts("EDITOR"), self.uli.starts("EDITOR")
        with pytest.raises(RefusedError) as full:
            self.lena.starts("EDITOR")
        assert refusal(full.value) == (409, "asset_in_use")
        stage.at("06-21 12:00")
        assert self.tom.ends(first) == "1.50"
        assert self.uli.ends(other) == "0.00"
        again = self.tom.starts("EDITOR")
        stage.at("06-21 13:00")
        assert self.tom.ends(again) == "0.00"
        stage.at("06-22 09:00")
        session = self.uli.starts("EDITOR")
        stage.at("06-22 11:00")
        assert self.uli.ends(session) == "0.00"

    def test_1_july_the_plan_has_fallen_asleep_after_a_week_without_a_song(self, stage: Stage) -> None:
        """
        From 5 June up to 27 June, a week after Jon's song of the 20th: 23 of 30 days of 6.00, 4.60.
        The family's June: 4.60 + 4.00 + 1.50 = 10.10.
        """
        stage.at("07-01 12:00")

        assert self.lena.app.get(f"{MOBILE}/subscriptions/{self.plan}")["state"] == "asleep"
        assert self.lena.stated("2021-06") == "10.10"

    def test_july_nobody_needs_anything_and_nobody_gets_a_bill(self, stage: Stage) -> None:
        stage.at("08-01 12:00")

        assert [each.stated("2021-07") for each in (self.lena, self.uli)] == ["0.00"] * 2
        assert [[bill["month"] for bill in each.invoices()] for each in (self.lena, self.uli)] == [["2021-06"]] * 2
        (plan,) = self.lena.app.get(f"{MOBILE}/statements/2021-07")["subscriptions"]
        assert plan["lines"][0]["facts"]["saved"] == "6.00"

    def test_14_august_mias_next_song_wakes_the_plan(self, stage: Stage) -> None:
        """
        50 plays: 0.50. The plan is awake from the 14th to the 21st: 8 of 31 days of 6.00, 1.55.
        """
        assert listens(stage, self.mia, "08-14 15:00", "08-14 17:00", 50) == "0.50"
        stage.at("08-14 17:05")
        assert self.lena.app.get(f"{MOBILE}/subscriptions/{self.plan}")["state"] == "active"
        stage.at("09-01 12:00")

    def test_finance_sees_how_the_familys_plan_fell_asleep_and_woke(self, stage: Stage) -> None:
        """
        Begun and woken on 5 June, asleep from the 28th; woken on 14 August, asleep from the 22nd.
        """
        months = ("2021-06", "2021-07", "2021-08")
        moves = [stage.finance.get(f"/finance/v1/subscriptions/moves/{month}?plan=family") for month in months]

        assert [[each["new"] for each in month["plans"]] for month in moves] == [[1], [], []]
        assert [(month["sleep"]["woken"], month["sleep"]["asleep"]) for month in moves] == [(1, 1), (0, 0), (1, 1)]

    def test_the_books_of_three_months_tie(self, stage: Stage) -> None:
        """
        The family: 10.10 in June, 0.50 + 1.55 = 2.05 in August. Uli: 0.60. In all 12.75, of which VAT at 19 per cent,
        19 / 119, by month and product: 0.73 of 4.60, 0.64 of 4.00, 0.24 of 1.50; 0.08 of 0.50, 0.25 of 1.55; 0.10 of
        0.60: 2.04.
        """
        months = {
            "2021-06": {"family": "10.10", "uli": "0.60"},
            "2021-07": {"family": "0.00", "uli": "0.00"},
            "2021-08": {"family": "2.05", "uli": "0.00"},
        }
        stage.assert_books_tie(months, {"family": "12.15", "uli": "0.60"})

        assert str(stage.ledger()["tax:0.19"]) == "2.04"
