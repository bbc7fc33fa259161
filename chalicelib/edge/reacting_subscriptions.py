"""What the workers do about subscriptions."""

from collections.abc import Callable, Mapping

from chalicelib.edge.reacting_law import TOPICS as LAW
from chalicelib.edge.subscription_areas import keeping
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.subscriptions.changing import turn

Facts = Mapping[str, str]


def turn_subscription(facts: Facts, wired: BackOffice) -> None:
    """Put among what is over a pass that has run out, or the plan of before a change that is in force now."""
    turn(facts["account_id"], facts["subscription_id"], keeping=keeping(wired, wired.now(), wired.commit))


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {"subscriptions.turn": turn_subscription, **LAW}
