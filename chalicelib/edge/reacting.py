"""What the workers do about messages: a topic and its facts become one call of a use case. Each may run twice."""

import gc
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib.access.acting import bound_due, stop_due
from chalicelib.access.asset_faults import look_at_asset
from chalicelib.access.booking_closing import lose_booking, warn_before_booking
from chalicelib.access.booking_restating import restate
from chalicelib.access.booking_taken_out import tell_of_take_out
from chalicelib.access.casing import FaultSeen, open_fault_case
from chalicelib.access.ending import correct_charge
from chalicelib.access.limiting import Limiting, limit
from chalicelib.access.mapping import MapKeeping, follow, stand_asset, stand_place
from chalicelib.access.metered import is_asset
from chalicelib.access.queueing import Queueing, serve, stop_waiting
from chalicelib.access.reserving import expire
from chalicelib.access.returning import end_by_evidence
from chalicelib.access.watching import Watching, look
from chalicelib.billing.cards import card_saved
from chalicelib.billing.collecting import take_note
from chalicelib.billing.inbox import Reactions, handle
from chalicelib.catalogue.changes import Author
from chalicelib.catalogue.maintaining import AskTakeOut, taken_out_once
from chalicelib.customers import eligibility
from chalicelib.customers.model import Account, Customer
from chalicelib.customers.service import take_in
from chalicelib.dialogue import service as dialogue
from chalicelib.dialogue.model import Notice
from chalicelib.edge import telling
from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.edge.reacting_charges import TOPICS as CHARGES
from chalicelib.edge.reacting_closes import TOPICS as CLOSES
from chalicelib.edge.reacting_credit import TOPICS as CREDIT
from chalicelib.edge.reacting_credit import refund_changed
from chalicelib.edge.reacting_disputes import TOPICS as DISPUTES
from chalicelib.edge.reacting_disputes import dispute_changed
from chalicelib.edge.reacting_holds import TOPICS as HOLDS
from chalicelib.edge.reacting_holds import intent_changed
from chalicelib.edge.reacting_leaving import TOPICS as LEAVING
from chalicelib.edge.reacting_partners import TOPICS as PARTNERS
from chalicelib.edge.reacting_partners import partner_account, state_before_export
from chalicelib.edge.reacting_payments import TOPICS as PAYMENTS
from chalicelib.edge.reacting_payments import renewed
from chalicelib.edge.reacting_reconciliation import TOPICS as RECONCILIATION
from chalicelib.edge.reacting_settling import TOPICS as SETTLING
from chalicelib.edge.reacting_subscriptions import TOPICS as SUBSCRIPTIONS
from chalicelib.edge.reacting_taxes import TOPICS as TAXES
from chalicelib.edge.reacting_terms import TOPICS as TERMS
from chalicelib.edge.reacting_wallet import TOPICS as WALLETS
from chalicelib.edge.reacting_wallet import top_up_changed
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.parting import begin_export
from chalicelib.kernel.requirement import Shown
from chalicelib.kernel.time import Month, parse_instant
from chalicelib.metering.model import FURTHEST_BACK
from chalicelib.metering.service import Taking, count_spilled
from chalicelib.subscriptions.model import Agreement

Facts = Mapping[str, str]
_ABOUT_A_NOTICE = {"account_id", "about", "code", "told_at"}


def sign_up(facts: Facts, wired: BackOffice) -> None:
    """Open the account of somebody who agreed."""
    agreement = wired.agreements.find(facts["account_id"])
    if agreement is None:
        return
    account = Account(agreement.account_id, agreement.currency, agreement.agreed_at)
    take_in(_signed_up(agreement), account, customers=wired.customers, commit=wired.commit)


def _signed_up(agreement: Agreement) -> Customer:
    return Customer(
        customer_id=agreement.customer_id,
        account_id=agreement.account_id,
        subject=agreement.subject,
        language=agreement.language,
        signed_up_at=agreement.agreed_at,
    )


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


def tell(facts: Facts, wired: BackOffice) -> None:
    """Put a notice into the customer's feed; one that is delivered again has its instant, and so replaces itself."""
    said = {name: value for name, value in facts.items() if name not in _ABOUT_A_NOTICE}
    told_at = parse_instant(facts["told_at"])
    telling.tell(Notice(facts["account_id"], facts["about"], facts["code"], said, told_at), wired)


def tell_now(facts: Facts, wired: BackOffice) -> None:
    """Somebody's quiet hours are over: say again what waited for that."""
    said = {name: value for name, value in facts.items() if name != "at"}
    wired.commit([wired.notices.saying(said, wired.now())], None)


def export(facts: Facts, wired: BackOffice) -> None:
    """Write a version of a month's files, once partners' months are stated."""
    month = Month.parse(facts["month"])
    state_before_export(month, wired)
    begin_export(month, int(facts["version"]), int(facts.get("turn", "0")), wired.parting())


def count_later(facts: Facts, wired: BackOffice) -> None:
    """Count events that were too contended to be counted when they came; those that were counted since stay as is."""
    log = wired.heads.spilled(facts["subject"], Month.parse(facts["month"]), facts["digest"])
    if log is None:
        return
    subjects = wired.metered(wired.now())
    zone, received = wired.settings.zone, log.received_at
    taking = Taking(zone, wired.heads, subjects, received, wired.commit, wired.pause, behind=FURTHEST_BACK)
    count_spilled(log, taking)


def limit_reached(facts: Facts, wired: BackOffice) -> None:
    """Tell the account of a session that a part of its limit is used."""
    session = wired.sessions.find(facts["subject"])
    if session is None:
        return
    said = {name: facts[name] for name in ("month", "meter", "percent", "most")}
    told_at = parse_instant(facts["reached_at"])
    notice = Notice(session.account_id, session.session_id, "usage_limit", said, told_at)
    dialogue.tell(notice, notices=wired.notices, commit=wired.commit)


def set_timer(facts: Facts, wired: BackOffice) -> None:
    """Set a timer; what is due already is done at once."""
    timer = wired.timer_of(facts)
    if timer.at <= wired.now():
        react(timer.topic, timer.told, wired)
    else:
        wired.scheduler.set(timer)


def fire_timer(facts: Facts, wired: BackOffice) -> None:
    """Do what a timer was set for, as of its instant, whether it fires late or a moment too early."""
    timer = wired.timer_of(facts)
    react(timer.topic, timer.told, wired)


def expire_reservation(facts: Facts, wired: BackOffice) -> None:
    """Free what nobody took up."""
    expire(facts["session_id"], parse_instant(facts["at"]), ending=wired.ending(wired.now(), wired.commit))


def lose_booked(facts: Facts, wired: BackOffice) -> None:
    """Free what was booked and nobody came for."""
    keeper = wired.keeper(wired.now(), wired.commit)
    lose_booking(facts["booking_id"], parse_instant(facts["at"]), booker=keeper)


def warn_of_booking(facts: Facts, wired: BackOffice) -> None:
    """Tell who has what is booked soon."""
    keeper = wired.keeper(wired.now(), wired.commit)
    warn_before_booking(facts["booking_id"], parse_instant(facts["at"]), booker=keeper)


def tell_of_taken_out(facts: Facts, wired: BackOffice) -> None:
    """Tell who has booked what is taken out."""
    keeper = wired.keeper(wired.now(), wired.commit)
    tell_of_take_out(facts["partner_id"], facts["asset_id"], facts["take_out_id"], booker=keeper)


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


def tell_expiring(facts: Facts, wired: BackOffice) -> None:
    """Tell a customer that what they have shown ends soon, unless they have shown it anew."""
    what = (facts["customer_id"], Shown(facts["kind"]), parse_instant(facts["valid_until"]), parse_instant(facts["at"]))
    eligibility.tell_expiring(*what, shows=wired.shows, commit=wired.commit)


def look_if_unused(facts: Facts, wired: BackOffice) -> None:
    """Look at a session as of the instant at which its grace would be over."""
    ending = wired.ending(wired.now(), wired.commit)
    look(facts["session_id"], parse_instant(facts["at"]), watching=Watching(ending, wired.watches))


def freed(facts: Facts, wired: BackOffice) -> None:
    """Hold what has become free for who waits longest for it."""
    serve(facts["partner_id"], facts["asset_id"], queueing=_queueing(wired))


def waited(facts: Facts, wired: BackOffice) -> None:
    """Drop from a line whoever has waited in vain."""
    at = parse_instant(facts["at"])
    stop_waiting(facts["account_id"], facts["waiting_id"], at, queueing=_queueing(wired))


def _queueing(wired: BackOffice) -> Queueing:
    def customer_of(account_id: str) -> Customer | None:
        agreement = wired.agreements.find(account_id)
        return None if agreement is None else _signed_up(agreement)

    return Queueing(wired.lines, wired.starting(wired.now(), wired.commit), customer_of)


def stand(facts: Facts, wired: BackOffice) -> None:
    """Have the map show where an asset or a place is by now, and walk-ups go by how many may have an asset."""
    partner_id, keeping = facts["partner_id"], _map_keeping(wired)
    if "asset_id" in facts:
        stand_asset(partner_id, facts["asset_id"], keeping=keeping)
        restate(partner_id, facts["asset_id"], booker=wired.keeper(wired.now(), wired.commit))
    else:
        stand_place(partner_id, facts["place_id"], keeping)


def follow_place(facts: Facts, wired: BackOffice) -> None:
    """Have assets follow their place."""
    where = facts["partner_id"], facts["place_id"], facts["left"]
    follow(*where, int(facts["turn"]), keeping=_map_keeping(wired))


def _map_keeping(wired: BackOffice) -> MapKeeping:
    return MapKeeping(wired.catalogue, wired.map, wired.now(), wired.commit)


def react(topic: str, facts: Facts, wired: BackOffice) -> None:
    """Do what is to be done about a topic."""
    TOPICS[topic](facts, wired)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "customers.sign_up": sign_up,
    "access.booked_soon": warn_of_booking,
    "access.evidence": evidence,
    "access.no_show": lose_booked,
    "catalogue.fault": fault_reported,
    "access.expire": expire_reservation,
    "access.follow": follow_place,
    "access.freed": freed,
    "access.waited": waited,
    "access.stand": stand,
    "access.taken_out": tell_of_taken_out,
    "access.stop": stop_session,
    "access.bound": bound_session,
    "access.limited": limit_running,
    "access.unused": look_if_unused,
    **CHARGES,
    **LEAVING,
    **PAYMENTS,
    **SETTLING,
    **TAXES,
    **HOLDS,
    **CREDIT,
    **WALLETS,
    **SUBSCRIPTIONS,
    **TERMS,
    "customers.expiring": tell_expiring,
    "dialogue.tell": tell,
    "dialogue.quiet_over": tell_now,
    **CLOSES,
    "finance.export": export,
    "metering.fold": count_later,
    "metering.limit": limit_reached,
    "timer.set": set_timer,
    **PARTNERS,
    **RECONCILIATION,
    **DISPUTES,
}


def provider_event(event_id: str, wired: BackOffice) -> None:
    """Bring our side to what Stripe says by now about what an event named."""
    reactions = Reactions(
        card_saved=lambda card: card_saved(
            card, billed=wired.billed, zone=wired.settings.zone, now=wired.now(), commit=wired.commit
        ),
        take_note=lambda stands: take_note(
            stands,
            zone=wired.settings.zone,
            billed=wired.billed,
            ledger=wired.ledger,
            notes=wired.issuing.notes,
            now=wired.now(),
            commit=wired.commit,
        ),
        account_changed=lambda provider_account: partner_account(provider_account, wired),
        dispute_changed=lambda dispute_id: dispute_changed(dispute_id, wired),
        refund_changed=lambda provider_refund: refund_changed(provider_refund, wired),
        hold_changed=lambda kind, object_id: intent_changed(kind, object_id, wired),
        top_up_changed=lambda payment: top_up_changed(payment, wired),
        method_renewed=lambda method_id: renewed(method_id, wired),
    )
    handle(event_id, billed=wired.billed, collector=wired.collector, reactions=reactions)


def each_of(
    records: Iterable[tuple[str, Any]], do: Callable[[Any], None], failed: Callable[[str, Exception], None]
) -> dict[str, list[dict[str, str]]]:
    """Do each record of a batch in order; Lambda sends again from the first that fails on, and nothing before it."""
    try:
        for identifier, record in records:
            try:
                do(record)
            except Exception as error:  # noqa: BLE001 -- whatever it was, it comes again and at last goes to the DLQ
                failed(identifier, error)
                return {"batchItemFailures": [{"itemIdentifier": identifier}]}
        return {"batchItemFailures": []}
    finally:
        if not gc.isenabled():
            collect_from_now_on()  # after a cold start, see chalicelib/__init__.py
