"""What the workers do about sessions: evidence that came in, and instants that were set."""

from collections.abc import Callable, Mapping

from chalicelib.access.acting import bound_due, stop_due
from chalicelib.access.asset_faults import look_at_asset
from chalicelib.access.casing import FaultSeen, open_fault_case
from chalicelib.access.ending import correct_charge
from chalicelib.access.limiting import Limiting, limit
from chalicelib.access.metered import is_asset
from chalicelib.access.reserving import expire
from chalicelib.access.returning import end_by_evidence
from chalicelib.access.watching import Watching, look
from chalicelib.catalogue.changes import Author
from chalicelib.catalogue.maintaining import AskTakeOut, taken_out_once
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import parse_instant

Facts = Mapping[str, str]


def evidence(facts: Facts, wired: BackOffice) -> None:
    """Look again at a session: at its charge, if the evidence came after its end, or whether it is over or unused.

    Or at an asset that told of a fault while it was nobody's in particular.
    """
    ending, session_id = wired.ending(wired.now(), wired.commit), facts["session_id"]
    if is_asset(session_id):
        look_at_asset(session_id, cases=wired.cases, parts=ending)
        return
    if end_by_evidence(session_id, ending=ending) is None:
        correct_charge(session_id, ending=ending)
        look(session_id, ending.now, watching=Watching(ending, wired.watches))


def fault_reported(facts: Facts, wired: BackOffice) -> None:
    """Take what is out of order off the offers and open a case about it; the partner closes it and puts it back."""
    session_id, at = facts["session_id"], parse_instant(facts["at"])
    asked = AskTakeOut(facts["partner_id"], facts["asset_id"], f"fault reported in {facts['session_id']}")
    author = Author("session", at)
    out, taking_out = taken_out_once(asked, session_id, author=author, catalogue=wired.catalogue)
    if taking_out:
        wired.commit(taking_out, out)
    seen = FaultSeen(session_id, facts["asset_id"], at, out.take_out_id)
    open_fault_case(seen, cases=wired.cases, parts=wired.ending(wired.now(), wired.commit))


def expire_reservation(facts: Facts, wired: BackOffice) -> None:
    """Free what nobody took up."""
    expire(facts["session_id"], parse_instant(facts["at"]), ending=wired.ending(wired.now(), wired.commit))


def stop_session(facts: Facts, wired: BackOffice) -> None:
    """End a session as of the instant that its customer has set."""
    stop_due(facts["session_id"], parse_instant(facts["at"]), ending=wired.ending(wired.now(), wired.commit))


def bound_session(facts: Facts, wired: BackOffice) -> None:
    """Have a session end before it comes to more than a hard budget has left."""
    bound_due(facts["session_id"], ending=wired.ending(wired.now(), wired.commit))


def limit_running(facts: Facts, wired: BackOffice) -> None:
    """Bring what an account has running under limits that were set, as of when they were."""
    at = parse_instant(facts["at"])
    limiting = Limiting(wired.ending(at, wired.commit), wired.allowing(at), wired.settings.currency)
    limit(facts["account_id"], limiting=limiting)


def look_if_unused(facts: Facts, wired: BackOffice) -> None:
    """Look at a session as of the instant at which its grace would be over."""
    ending = wired.ending(wired.now(), wired.commit)
    look(facts["session_id"], parse_instant(facts["at"]), watching=Watching(ending, wired.watches))


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "access.bound": bound_session,
    "access.evidence": evidence,
    "access.expire": expire_reservation,
    "access.limited": limit_running,
    "access.stop": stop_session,
    "access.unused": look_if_unused,
    "catalogue.fault": fault_reported,
}
