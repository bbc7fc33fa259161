"""What the workers do about charges that partners state."""

from collections.abc import Callable, Mapping

from chalicelib.billing.owing import lapse
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month, parse_instant

Facts = Mapping[str, str]


def period_over(facts: Facts, wired: BackOffice) -> None:
    """Have another worker look at the charge, one that may change it."""
    now, at = wired.now(), parse_instant(facts["at"])
    wired.commit([wired.charges.looking_at(facts["charge_id"], at, now)], None)


def lapse_charge(facts: Facts, wired: BackOffice) -> None:
    """Do what silence does with a charge."""
    lapse(facts["charge_id"], parse_instant(facts["at"]), owing=wired.owing(wired.now(), wired.commit))


def mark_charged(facts: Facts, wired: BackOffice) -> None:
    """Have the account settled with the open month; if the charge's own was another, that one is corrected in it."""
    month, charged = Month.of(wired.now(), wired.settings.zone), Month.parse(facts["month"])
    wired.commit([wired.sessions.active_in(facts["account_id"], month, charged)], None)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.charge_due": mark_charged,
    "billing.charge_lapse": lapse_charge,
    "billing.charge_period": period_over,
}
