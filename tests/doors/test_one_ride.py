"""One ride by hand: price, scan, running cost, return, receipt, statement, invoice; each says the same."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"
AFTER_MAY = datetime(2021, 6, 1, 12, tzinfo=UTC)


def euro(amount: dict[str, str]) -> Decimal:
    assert amount["currency"] == "EUR"
    return Decimal(amount["amount"])


@pytest.fixture(scope="module")
def rider(world: World) -> Customer:
    return world.customer()


@pytest.fixture(scope="module")
def quote(rider: Customer, partner: Partner) -> dict[str, object]:
    return rider.quote(partner.bike(), 3500)


@pytest.fixture(scope="module")
def session(world: World, rider: Customer, partner: Partner, quote: dict[str, object]) -> str:
    accepted = {"code": str(quote["asset"]).upper(), "quote": quote["quote"]}
    started = rider.post(SESSIONS, accepted).json["session_id"]
    partner.report(world.event(started, signal="unlocked", place="kamppi", id="hand-out"))
    return str(started)


class TestARideOfAnHour:
    """
    An hour on the clock, 3,500 seconds ridden: 0.50 to unlock, and one started half hour after the included one: 1.50.

    The tests of this class follow one ride and stand in order of time.
    """

    def test_the_price_is_known_first(self, quote: dict[str, dict[str, str]]) -> None:
        """
        An estimate for the stated need, and the most that a day can bring: cap 9.00 and late fee 80.00.
        """
        assert euro(quote["estimate"]) == Decimal("1.50")
        assert euro(quote["worst_case"]) == Decimal("89.00")
        assert quote["worst_case_hours"] == 24
        assert [each["what"] for each in quote["data_card"]]

    @pytest.mark.parametrize(("minutes", "cost"), [(0, "0.50"), (30, "0.50"), (1, "1.50"), (28, "1.50")])
    def test_the_running_cost_follows_the_clock_until_the_bike_reports(
        self, world: World, rider: Customer, session: str, minutes: int, cost: str
    ) -> None:
        """
        After 0, 30, 31 and 59 minutes; the statement says the same.
        """
        world.later(minutes=minutes)

        shown = rider.read(f"{SESSIONS}/{session}")
        (stated,) = rider.read("/mobile/v1/statements/2021-05")["sessions"]

        assert (shown["session"]["state"], shown["amount"]["amount"]) == ("active", cost)
        assert (stated["amount"]["amount"], stated["ended_at"]) == (cost, None)

    def test_what_is_charged_is_at_most_what_ran_and_that_at_most_what_was_promised(
        self, world: World, rider: Customer, partner: Partner, session: str, quote: dict[str, dict[str, str]]
    ) -> None:
        world.later(minutes=1)
        running = euro(rider.read(f"{SESSIONS}/{session}")["amount"])
        used = world.used(session, 3500, id="measured")
        partner.report(used, world.event(session, signal="docked", place="kallio", id="return"))
        reported = euro(rider.read(f"{SESSIONS}/{session}")["amount"])

        charged = euro(rider.end(session)["amount"])

        assert charged <= reported <= running <= euro(quote["worst_case"])
        assert charged == euro(quote["estimate"])

    def test_the_receipt_shows_every_line_with_its_price_and_its_evidence(
        self, rider: Customer, session: str, quote: dict[str, object]
    ) -> None:
        receipt = rider.read(f"{SESSIONS}/{session}/receipt")

        lines = [
            (line["price"], line["quantity"], line["amount"]["amount"], line["evidence"]) for line in receipt["lines"]
        ]
        assert lines == [("unlock", "1", "0.50", ["hand-out"]), ("time", "1", "1.00", ["measured"])]
        assert receipt["quantities"] == {"use_seconds": "3500"}
        assert (receipt["quote_id"], receipt["revision"]) == (quote["quote_id"], 0)
        assert [(each["state"], each["start"][11:19], each["end"][11:19]) for each in receipt["need"]] == [
            ("in_use", "09:00:00", "09:58:20"),
            ("kept", "09:58:20", "10:00:00"),
        ]

    def test_the_receipt_as_text_says_the_same_in_the_riders_language_and_the_operators_time(
        self, rider: Customer, session: str
    ) -> None:
        reply = rider.get(f"{SESSIONS}/{session}/receipt.txt")
        text = reply.content.decode()

        assert reply.headers["content-type"].startswith("text/plain")
        for expected in (
            session,
            "10. toukokuuta 2021 12.00.00 +0300",
            "10. toukokuuta 2021 13.00.00 +0300",
            "City bike, ",
            "Käytetty: 58\xa0min 20\xa0s",
            "Käytössä: 58\xa0min 20\xa0s",
            "Sinulle varattuna: 1\xa0min 40\xa0s",
            "1,50\xa0€",
        ):
            assert expected in text
        assert rider.read(f"{SESSIONS}/{session}/receipt")["evidence_sha256"] in text

    def test_cost_statement_and_invoice_agree_with_the_receipt_to_the_cent(
        self, world: World, rider: Customer, session: str
    ) -> None:
        receipt = euro(rider.read(f"{SESSIONS}/{session}/receipt")["amount"])
        statement = rider.read("/mobile/v1/statements/2021-05")
        world.until(AFTER_MAY)
        (invoice,) = rider.read("/mobile/v1/invoices")["items"]

        amounts = [
            rider.read(f"{SESSIONS}/{session}")["amount"],
            statement["total"],
            statement["sessions"][0]["amount"],
        ]
        assert {euro(each) for each in [*amounts, invoice["total"], invoice["lines"][0]["amount"]]} == {receipt}
        assert [(line["about"], line["reference"]) for line in invoice["lines"]] == [("session", session)]
        assert invoice["state"] == "paid"
        assert rider.read("/mobile/v1/statements/2021-05") == statement
        assert rider.read("/mobile/v1/statements/2021-06")["sessions"] == []


def test_what_was_used_earlier_in_the_day_counts_against_the_cap_in_quote_running_cost_and_statement(
    world: World, partner: Partner
) -> None:
    """
    8.50 in the morning (0.50 and eight half hours): the cap of 9.00 leaves 0.50 for the rest of the day.
    """
    rider = world.customer()
    first = world.ride(rider, partner.bike(), partner, 4 * 3600 + 1800)
    code = partner.bike()

    quote = rider.quote(code, 3 * 3600)
    session = rider.start(code)
    world.later(hours=3)
    running = rider.read(f"{SESSIONS}/{session}")["amount"]
    rider.end(session)

    statement = rider.read(f"/mobile/v1/statements/{world.system.now():%Y-%m}")
    assert [euro(quote["estimate"]), euro(running)] == [Decimal("0.50")] * 2
    assert [(each["session_id"], each["amount"]["amount"]) for each in statement["sessions"]] == [
        (first, "8.50"),
        (session, "0.50"),
    ]


def test_a_bike_that_stood_for_hours_and_was_ridden_for_minutes_pays_for_minutes(
    world: World, partner: Partner, customer: Customer
) -> None:
    """
    In use is what the evidence shows, not what the clock shows.
    """
    session = customer.start(partner.bike())
    world.later(hours=9)
    assert customer.read(f"{SESSIONS}/{session}")["amount"]["amount"] == "89.00"

    partner.report(world.used(session, 242))

    assert customer.end(session)["amount"]["amount"] == "0.50"
