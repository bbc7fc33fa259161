"""Holds while their sessions go on: renewed before they end, found when they are of no use, and let go."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.billing.declining import Decline, kind_of, next_try
from chalicelib.billing.errors import HoldChanged
from chalicelib.billing.failing import NARROWS_AFTER
from chalicelib.billing.hold_confirming import asks
from chalicelib.billing.hold_model import GIVEN_UP, GONE, Hold, HoldState, ProviderHold, failure_of
from chalicelib.billing.holding import Holding, asking, letting_go, newest, standing
from chalicelib.billing.model import Payer
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write

_WATCHED = (HoldState.HELD, HoldState.EXPIRED)
IsOpen = Callable[[str], bool]
"""Whether a session goes on (access knows)."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What looks after holds."""

    holding: Holding
    is_open: IsOpen


def look(account_id: str, session_id: str, turn: int, *, watching: Watching) -> None:
    """Do what is to be done about a hold as it is by now. Safe to repeat, and at any time.

    Turn 0 is the newest one, after its customer has seen to the card: what was declined is asked for then, and when its
    decline is worth another try.
    """
    holding = watching.holding
    found = {each.turn: each for each in holding.holds.of_session(account_id, session_id)}
    asked_for, turn = turn == 0, turn or max(found, default=0)
    hold = found.get(turn)
    if hold is None:
        return
    asked_for = asked_for or hold.is_tried_again(holding.now)
    stood = newest([each for each in found.values() if each.turn <= turn and each.held_at is not None])
    if hold.state is HoldState.ASKED and stood is not None:
        _renew(stood, hold, watching)
    elif hold.state is HoldState.ASKED and hold.asked_at + GIVEN_UP <= holding.now:
        _release(holding.commit(letting_go(hold, holding), hold.releasing()), holding)
    elif hold.state is HoldState.RELEASING:
        _release(hold, holding)
    elif stood is not None and turn == max(found) and (hold.state in _WATCHED or asked_for):
        _look_at_newest(hold, stood, watching)


def _look_at_newest(hold: Hold, stood: Hold, watching: Watching) -> None:
    """A hold of what is over, and which no invoice takes, is let go; of what goes on, it is renewed in time."""
    holding = watching.holding
    if not watching.is_open(hold.session_id):
        if hold.state is HoldState.HELD and (hold.invoice_id is None or hold.renew_at <= holding.now):
            _release(holding.commit(letting_go(hold, holding), hold.releasing()), holding)
        return
    due = hold.state is not HoldState.HELD or hold.renew_at <= holding.now
    if due:
        _renew(stood, None if hold is stood else hold, watching)


def _renew(before: Hold, last: Hold | None, watching: Watching) -> None:
    """The next one first, then the one before is let go. If it is declined, nothing more is started meanwhile."""
    holding = watching.holding
    payer = holding.billed.payer(before.account_id)
    if payer is None or payer.payment_method is None or not watching.is_open(before.session_id):
        if last is not None and last.state is HoldState.ASKED:
            _release(holding.commit(letting_go(last, holding), last.releasing()), holding)
        return
    again = last if last is not None and last.state is HoldState.ASKED else _next(before, last, payer, holding)
    stands = holding.provider.ask(again)
    if not stands.stands:
        _not_renewed(again, stands, payer, holding, again.turn - before.turn)
        return
    freed = letting_go(before, holding) if before.state is HoldState.HELD else []
    holding.commit([*standing(again, stands, holding), *freed, *mending(payer, before.session_id, holding)], None)


def _next(before: Hold, last: Hold | None, payer: Payer, holding: Holding) -> Hold:
    turn = (last or before).turn + 1
    account_id, method = before.account_id, payer.payment_method or ""
    again = Hold(account_id, before.session_id, turn, before.amount, payer.provider_customer, method, holding.now)
    return holding.commit(asking(again, holding), again)


def _not_renewed(again: Hold, stands: ProviderHold, payer: Payer, holding: Holding, failures: int) -> None:
    """As for a payment that failed: told, tried again if that may work, and until it does nothing new is started.

    Later what runs ends gently. Where the bank asks for its customer, it stands once that was answered
    (`hold_confirming`).
    """
    kind = Decline.AUTHENTICATE if stands.asks else kind_of(stands.decline_code, stands.advice)
    retry_at = next_try(kind, failures, holding.now)
    facts = {"amount": str(again.amount), "reason": stands.decline_code or "unknown", "helps": str(kind)}
    facts |= {"next_try": format_instant(retry_at)} if retry_at is not None else {}
    code = "hold_needs_authentication" if stands.asks else "hold_not_renewed"
    told = holding.holds.telling(again, code, holding.now, **facts)
    declined = again.declined(stands, retry_at)
    writes: list[Write] = [holding.holds.changing(declined), told]
    writes += [holding.holds.looking_at(declined, retry_at, holding.now)] if retry_at is not None else []
    name = failure_of(again.session_id)
    if name not in payer.failed:
        failed = replace(payer, failed=payer.failed | {name}, version=payer.version + 1)
        narrows = holding.billed.narrowing(payer.account_id, holding.now + NARROWS_AFTER, holding.now)
        writes += [holding.billed.saving_payer(failed), narrows]
    holding.commit(writes, None)


def mending(payer: Payer | None, session_id: str, holding: Holding) -> list[Write]:
    """The account is in order again as far as this hold goes."""
    name = failure_of(session_id)
    if payer is None or name not in payer.failed:
        return []
    return [holding.billed.saving_payer(replace(payer, failed=payer.failed - {name}, version=payer.version + 1))]


def _release(hold: Hold, holding: Holding) -> None:
    """The provider lets it go; who had it held is told."""
    known = hold.intent or getattr(holding.provider.find(hold), "intent", None)
    stands = holding.provider.cancel(known) if known is not None else None
    if stands is not None and stands.status == "succeeded":
        after = hold.taken(stands.captured) if hold.invoice_id is None else hold.kept()
        holding.commit([holding.holds.changing(after)], None)
        return
    told = [telling_released(hold, 0, holding)] if hold.held_at is not None else []
    holding.commit([holding.holds.changing(hold.released()), *told], None)


def telling_released(hold: Hold, captured: int, holding: Holding) -> Write:
    """What of a hold is free again."""
    free = Money(hold.amount.minor - captured, hold.amount.currency)
    taken = Money(captured, hold.amount.currency)
    return holding.holds.telling(hold, "hold_released", holding.now, amount=str(free), captured=str(taken))


def take_note_of_hold(stands: ProviderHold, *, watching: Watching) -> None:
    """Bring our side to what the provider says by now: what ended there by itself, and what nobody waits for."""
    holding = watching.holding
    found = holding.holds.of_session(stands.account_id, stands.session_id)
    hold = next((each for each in found if each.turn == stands.turn), None)
    if hold is None:
        return
    if stands.stands and hold.state in GONE:
        stood = newest([each for each in found if each.held_at is not None])
        if stood is None or hold is not newest(found) or not asks(hold) or not watching.is_open(hold.session_id):
            holding.provider.cancel(stands.intent)
            return
        freed = letting_go(stood, holding) if stood.state is HoldState.HELD else []
        mended = mending(holding.billed.payer(hold.account_id), hold.session_id, holding)
        holding.commit([*standing(hold, stands, holding), *freed, *mended], None)
    elif stands.status == "canceled" and hold.state is HoldState.HELD:
        until = format_instant(hold.until) if hold.until else ""
        told = holding.holds.telling(hold, "hold_expired", holding.now, amount=str(hold.amount), until=until)
        try:
            again = holding.holds.looking(hold, "expired", holding.now)
            holding.commit([holding.holds.changing(hold.expired()), told, again], None)
        except HoldChanged:
            return
