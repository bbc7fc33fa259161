"""Evidence that comes after the end: a counter-record, the statement follows, and each cent is billed once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"
LAST_OF_MAY = datetime(2021, 5, 31, 9, tzinfo=UTC)
AFTER = {month: datetime(2021, number, 1, 12, tzinfo=UTC) for month, number in (("2021-05", 6), ("2021-06", 7))}


def receipt(customer: Customer, session: str) -> tuple[int, str, str]:
    """Revision, seconds, amount."""
    shown = customer.read(f"{SESSIONS}/{session}/receipt")
    return shown["revision"], shown["quantities"]["use_seconds"], shown["amount"]["amount"]


def stated(customer: Customer, month: str) -> str:
    return str(customer.read(f"/mobile/v1/statements/{month}")["total"]["amount"])


def two_hours(world: World, customer: Customer, partner: Partner) -> str:
    """A ride of two hours of which the bike has not reported when it ends: 0.50 and three half hours, 3.50."""
    session = customer.start(partner.bike())
    world.later(hours=2)
    assert customer.end(session)["amount"]["amount"] == "3.50"
    world.settle()
    return session


def test_usage_that_comes_after_the_end_makes_a_counter_record_and_the_statement_follows(
    world: World, customer: Customer, partner: Partner
) -> None:
    session = two_hours(world, customer, partner)
    first = customer.read(f"{SESSIONS}/{session}/receipt")
    measured = world.used(session, 3600)
    world.later(hours=3)

    assert partner.report(measured)[0]["outcome"] == "late"
    world.settle()

    assert receipt(customer, session) == (1, "3600", "1.50")
    assert stated(customer, "2021-05") == "1.50"
    assert customer.read(f"{SESSIONS}/{session}")["amount"]["amount"] == "1.50"
    newest = customer.read(f"{SESSIONS}/{session}/receipt")
    assert newest["evidence_sha256"] != first["evidence_sha256"]
    assert (newest["ended_at"], newest["quote_id"]) == (first["ended_at"], first["quote_id"])


def test_the_same_evidence_sent_again_makes_no_further_record(
    world: World, customer: Customer, partner: Partner
) -> None:
    session = two_hours(world, customer, partner)
    event = world.used(session, 3600)
    for _ in range(3):
        partner.report(event)
        world.settle()

    assert receipt(customer, session) == (1, "3600", "1.50")


def test_a_signal_that_comes_after_the_end_changes_the_evidence_and_no_amount(
    world: World, customer: Customer, partner: Partner
) -> None:
    session = two_hours(world, customer, partner)

    partner.report(world.event(session, signal="docked"))
    world.settle()

    assert receipt(customer, session)[2] == "3.50"
    assert stated(customer, "2021-05") == "3.50"


@pytest.fixture(scope="module")
def rider(world: World) -> Customer:
    return world.customer()


@pytest.fixture(scope="module")
def session(world: World, rider: Customer, partner: Partner) -> str:
    world.until(max(world.system.now(), LAST_OF_MAY))
    session = world.ride(rider, partner.bike(), partner, 1700)
    world.later(hours=1)
    world.until(AFTER["2021-05"])
    return session


class TestUsageAfterTheMonthWasClosed:
    """
    A ride of the last of May, reported on 20 June: May was billed as the clock showed it, 0.50; June takes the rest.

    The tests of this class follow one customer and stand in order of time.
    """

    def test_may_is_billed_by_what_was_known(self, rider: Customer, session: str) -> None:
        assert receipt(rider, session) == (0, "1700", "0.50")
        assert [each["total"]["amount"] for each in rider.read("/mobile/v1/invoices")["items"]] == ["0.50"]

    def test_the_statement_of_may_follows_the_evidence(
        self, world: World, rider: Customer, partner: Partner, session: str
    ) -> None:
        """
        Within five minutes of what the clock showed: 1,700 and 250 seconds are a started half hour more.
        """
        world.until(datetime(2021, 6, 20, 9, tzinfo=UTC))
        at = (LAST_OF_MAY + timedelta(seconds=1700)).isoformat()

        (answer,) = partner.report(world.used(session, 250, time=at))
        world.settle()

        assert answer["outcome"] == "late"
        assert receipt(rider, session) == (1, "1950", "1.50")
        assert stated(rider, "2021-05") == "1.50"
        assert len(rider.read("/mobile/v1/invoices")["items"]) == 1

    def test_it_is_billed_once_as_an_adjustment_with_the_next_month(
        self, world: World, rider: Customer, partner: Partner, session: str
    ) -> None:
        ride = world.ride(rider, partner.bike(), partner, 60)

        world.until(AFTER["2021-06"])

        may, june = rider.read("/mobile/v1/invoices")["items"]
        assert (may["month"], may["total"]["amount"]) == ("2021-05", "0.50")
        assert (june["month"], june["total"]["amount"], june["state"]) == ("2021-06", "1.50", "paid")
        assert [(line["about"], line["reference"], line["amount"]["amount"]) for line in june["lines"]] == [
            ("session", ride, "0.50"),
            ("adjustment", "2021-05", "1.00"),
        ]
        assert receipt(rider, session)[0] == 1

    def test_nothing_of_it_is_billed_again_a_month_later(self, world: World, rider: Customer) -> None:
        world.until(datetime(2021, 8, 1, 12, tzinfo=UTC))

        invoices = rider.read("/mobile/v1/invoices")["items"]
        assert sum(Decimal(each["total"]["amount"]) for each in invoices) == Decimal("2.00")
        statements = [Decimal(stated(rider, month)) for month in ("2021-05", "2021-06", "2021-07")]
        assert sum(statements) == Decimal("2.00")

    @pytest.mark.parametrize("month", ["2021-05", "2021-06", "2021-07"])
    def test_the_ledger_balances_in_every_month(self, world: World, month: str) -> None:
        assert world.finance.read(f"/finance/v1/journal/{month}")["off_minor"] == {}


def test_reports_in_two_months_do_not_add_up_to_more_than_the_session_had(world: World, partner: Partner) -> None:
    """
    Two hours in July, reported in full; and once more in August, with a time of August.
    """
    rider = world.customer()
    world.until(datetime(2021, 8, 30, 9, tzinfo=UTC))
    session = world.ride(rider, partner.bike(), partner, 7200)
    world.until(datetime(2021, 9, 2, 9, tzinfo=UTC))

    (answer,) = partner.report(world.used(session, 7000))
    world.settle()

    assert answer["outcome"] == "refused"
    assert receipt(rider, session) == (0, "7200", "3.50")


def test_a_correction_that_lowers_a_billed_charge_is_credited_with_the_next_month(
    world: World, partner: Partner
) -> None:
    """
    Two hours by the clock were billed, 3.50; the bike says ten minutes, 0.50. The next ride of 3.50 is paid with 0.50.
    """
    rider = world.customer()
    world.until(datetime(2021, 9, 25, 9, tzinfo=UTC))
    session = two_hours(world, rider, partner)
    world.until(datetime(2021, 10, 2, 9, tzinfo=UTC))
    partner.report(world.used(session, 600, time="2021-09-25T11:00:00Z"))
    two_hours(world, rider, partner)

    world.until(datetime(2021, 11, 1, 12, tzinfo=UTC))

    invoices = [(each["month"], each["total"]["amount"]) for each in rider.read("/mobile/v1/invoices")["items"]]
    assert invoices == [("2021-09", "3.50"), ("2021-10", "0.50")]
    assert receipt(rider, session) == (1, "600", "0.50")
    assert world.stripe.open_drafts() == 0
