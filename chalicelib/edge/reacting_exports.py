"""What the workers do about exports."""

from collections.abc import Callable, Mapping

from chalicelib.edge.reacting_partners import state_before_export
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.parting import begin_export
from chalicelib.kernel.time import Month

Facts = Mapping[str, str]


def export(facts: Facts, wired: BackOffice) -> None:
    """Write a version of a month's files, once partners' months are stated."""
    month = Month.parse(facts["month"])
    state_before_export(month, wired)
    begin_export(month, int(facts["version"]), int(facts.get("turn", "0")), wired.parting())


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "finance.export": export,
}
