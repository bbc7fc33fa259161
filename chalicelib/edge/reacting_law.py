"""What the workers do about what was announced. Each may run twice."""

from collections.abc import Callable, Mapping

from chalicelib.edge.wiring_finance import BackOffice

Facts = Mapping[str, str]


def go_on(facts: Facts, wired: BackOffice) -> None:
    """Tell a page of a plan's customers."""
    from chalicelib.edge.wiring_law import announcing_of  # noqa: PLC0415 -- few runs of the workers need plans
    from chalicelib.subscriptions import announcing  # noqa: PLC0415 -- as above

    named = facts["plan_id"], int(facts["version"]), facts.get("after")
    announcing.go_on(*named, parts=announcing_of(wired, wired.now(), wired.commit))


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {"subscriptions.announce": go_on}
