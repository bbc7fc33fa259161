"""What a paid month costs of Stripe's limits: five calls, and none while nothing is billed."""

from datetime import UTC, datetime

from tests.doors.world import Partner, World


def test_a_paid_month_is_five_calls_of_stripe_and_one_without_use_is_none(world: World, partner: Partner) -> None:
    """
    Created, its lines added, finalised, paid, and read once more when the webhook came.
    """
    rider, idle = world.customer(), world.customer()
    for _ in range(3):
        world.ride(rider, partner.bike(), partner, 600)
    before = len(world.stripe.calls)

    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))

    (invoice,) = rider.read("/mobile/v1/invoices")["items"]
    assert (invoice["state"], len(invoice["lines"])) == ("paid", 3)
    named = [(method, path.rpartition("/")[2]) for method, path in world.stripe.calls[before:]]
    theirs = world.stripe._store.every("invoice")[0]["id"]
    assert named == [
        ("POST", "invoices"),
        ("POST", "add_lines"),
        ("POST", "finalize"),
        ("POST", "pay"),
        ("GET", theirs),
    ]

    world.until(datetime(2021, 7, 1, 12, tzinfo=UTC))
    collecting = [each for each in world.stripe.calls[before + 5 :] if each[0] == "POST"]
    assert (idle.read("/mobile/v1/invoices")["items"], collecting) == ([], [])
