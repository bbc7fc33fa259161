"""Pay partners: what waits is sent, one movement after the other, each planned before the provider hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.billing.currencies import chargeable
from chalicelib.billing.errors import CannotReceive, MovementRefused
from chalicelib.billing.payout_model import Due, Movement, MovementKind, MovementState, Paying, PayoutAccount
from chalicelib.billing.payout_ports import PartnerPayments, Payouts
from chalicelib.billing.postings import movement_entry
from chalicelib.kernel.money import Money, total
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Commit, Write
from chalicelib.ledger.ports import Ledger

MOST_DUES = 40
"""Looked at for one movement; more are left for the next."""
KEYS_ARE_GOOD = timedelta(hours=20)
"""Providers forget keys after a day: what was planned before that may have been done, and is looked for."""
_LEFT = ":left:"


@dataclass(frozen=True, slots=True)
class PayingOut:
    """What paying a partner goes by."""

    payouts: Payouts
    provider: PartnerPayments
    ledger: Ledger
    zone: str
    now: datetime
    commit: Commit


def pay_out(partner_id: str, by: PayingOut) -> None:
    """Send what waits for a partner. Safe to repeat from any point; without an account that is ready, it waits on.

    What the partner has had too much comes off what is sent next, or is taken back from what had sent it.
    """
    account = by.payouts.account(partner_id)
    if account is None or not account.ready:
        return
    going_on = True
    while going_on:
        paying = by.payouts.paying(partner_id)
        movement = by.payouts.movement(partner_id, paying.last) if paying.on_its_way else None
        if movement is not None:
            going_on = _carry_out(movement, paying, account, by)
        else:
            going_on = _plan(paying, by.payouts.dues(partner_id, limit=MOST_DUES), by)


def unsent(partner_id: str, before: datetime, *, payouts: Payouts) -> Sequence[Money]:
    """What waits since before then, and could be sent; or a movement planned before then, of which nobody has heard."""
    paying = payouts.paying(partner_id)
    movement = payouts.movement(partner_id, paying.last) if paying.on_its_way else None
    if movement is not None:
        return [movement.amount] if movement.planned_at <= before else []
    dues = payouts.dues(partner_id, limit=MOST_DUES)
    waiting = dict.fromkeys(due.amount.currency for due in dues if due.amount.minor > 0 and due.since <= before)
    sums = (total((due.amount for due in dues if due.amount.currency == each), each) for each in waiting)
    return [each for each in sums if chargeable(each).minor > 0]


def waiting(partner_id: str, *, payouts: Payouts) -> dict[str, int]:
    """By currency, what waits to be sent to a partner or is on its way, less what it has had too much. Minor units."""
    paying, sums = payouts.paying(partner_id), dict[str, int]()
    movement = payouts.movement(partner_id, paying.last) if paying.on_its_way else None
    on_its_way = movement.dues if movement is not None else ()
    for due in (*payouts.dues(partner_id, limit=None), *on_its_way):
        sums[due.amount.currency] = sums.get(due.amount.currency, 0) + due.amount.minor
    return {currency: minor for currency, minor in sums.items() if minor}


def _plan(paying: Paying, dues: Sequence[Due], by: PayingOut) -> bool:
    """Take what the next movement settles from what waits; whether there was anything.

    What waits in one currency neither comes off what waits in another, nor is in its way.
    """
    wrong = next((due for due in dues if due.amount.minor < 0 and due.taken_from is not None), None)
    if wrong is not None:
        return _plan_reversal(paying, wrong, by)
    currencies = dict.fromkeys(due.amount.currency for due in dues)
    is_full = len(dues) >= MOST_DUES
    return any(
        _plan_transfer(paying, [due for due in dues if due.amount.currency == each], by, is_full=is_full)
        for each in currencies
    )


def _plan_transfer(paying: Paying, dues: Sequence[Due], by: PayingOut, *, is_full: bool) -> bool:
    """Of one currency. Money moves in its steps: what is less than one waits for more.

    `is_full`: there may be more behind what was looked at, so what cannot be sent is put together.
    """
    debts = [due for due in dues if due.amount.minor < 0]
    claims = sorted((due for due in dues if due.amount.minor > 0), key=lambda due: due.provider_invoice is None)
    whole = [due for due in claims if chargeable(due.amount).minor]
    settled = [*whole[:1], *(due for due in claims if not chargeable(due.amount).minor), *debts]
    if not settled:
        return False
    first = settled[0]
    waits = total((due.amount for due in settled), first.amount.currency)
    sent = chargeable(waits)
    if sent.minor <= 0:
        return (bool(whole) or (is_full and len(settled) > 1)) and _carry(paying, settled, waits, by)
    left = waits - sent
    rest = replace(first, due_id=_left_of(first, paying), amount=left, since=by.now, provider_invoice=None)
    taken = (replace(first, amount=first.amount - rest.amount), *settled[1:])
    planned = Movement(paying.partner_id, paying.last + 1, MovementKind.TRANSFER, sent, taken, by.now)
    return _planned(paying, planned, by, rest=rest)


def _plan_reversal(paying: Paying, wrong: Due, by: PayingOut) -> bool:
    """Take back of the transfer what is left of it; what is more comes off the next one."""
    sent = by.payouts.movement(paying.partner_id, wrong.taken_from or 0)
    most = min(-wrong.amount.minor, sent.left if sent is not None else 0)
    back = chargeable(Money(most, wrong.amount.currency)).minor
    rest = replace(wrong, amount=Money(wrong.amount.minor + back, wrong.amount.currency), taken_from=None)
    if not back:
        return by.commit([by.payouts.putting_back(rest), _next(paying, by)], outcome=True)
    number, amount = paying.last + 1, Money(back, wrong.amount.currency)
    taken = (replace(wrong, amount=-amount),)
    planned = Movement(paying.partner_id, number, MovementKind.REVERSAL, amount, taken, by.now, of=wrong.taken_from)
    return _planned(paying, planned, by, rest=replace(rest, due_id=_left_of(wrong, paying)))


def _left_of(due: Due, paying: Paying) -> str:
    """A name for what is left over of a due, by the step that leaves it: a refused one is planned anew."""
    return f"{due.due_id.partition(_LEFT)[0]}{_LEFT}{paying.version + 1}"


def _planned(paying: Paying, planned: Movement, by: PayingOut, rest: Due | None = None) -> bool:
    left = [by.payouts.putting_back(rest)] if rest is not None and rest.amount.minor else []
    on_its_way = replace(paying, last=planned.number, on_its_way=True, version=paying.version + 1)
    taking = [by.payouts.taking(due) for due in planned.dues]
    writes = [by.payouts.saving_paying(on_its_way), by.payouts.saving_movement(planned), *taking, *left]
    return by.commit(writes, outcome=True)


def _carry(paying: Paying, settled: Sequence[Due], debt: Money, by: PayingOut) -> bool:
    """What was had too much is more than what waits: nothing is sent, and the rest of the debt waits for the next."""
    carried = Due(paying.partner_id, f"carried:{paying.version + 1}", debt, by.now)
    left = [by.payouts.putting_back(carried)] if debt.minor else []
    writes = [_next(paying, by), *(by.payouts.taking(due) for due in settled), *left]
    return by.commit(writes, outcome=True)


def _next(paying: Paying, by: PayingOut) -> Write:
    return by.payouts.saving_paying(replace(paying, on_its_way=False, version=paying.version + 1))


def _carry_out(movement: Movement, paying: Paying, account: PayoutAccount, by: PayingOut) -> bool:
    """Tell the provider, then write down what became of it; whether to go on."""
    sent = by.payouts.movement(movement.partner_id, movement.of) if movement.of is not None else None
    try:
        provider_id = _told(movement, sent, account, by)
    except MovementRefused as refused:
        return _refused(movement, paying, by, is_able=not isinstance(refused, CannotReceive))
    done = replace(movement, state=MovementState.DONE, provider_id=provider_id, done_at=by.now)
    writes = [_next(paying, by), by.payouts.saving_movement(done), *by.payouts.sending(done, by.zone)]
    if sent is not None:
        back = replace(sent, taken_back=sent.taken_back + movement.amount.minor)
        writes.append(by.payouts.saving_movement(back))
    writes += by.ledger.posting(movement_entry(done, Month.of(by.now, by.zone), by.now))
    return by.commit(writes, outcome=True)


def _told(movement: Movement, sent: Movement | None, account: PayoutAccount, by: PayingOut) -> str:
    look = by.now - movement.planned_at >= KEYS_ARE_GOOD
    if sent is not None:
        return by.provider.reverse(movement, sent.provider_id or "", look=look)
    first = movement.dues[0]
    charge = (
        by.provider.charge_of(first.provider_invoice, first.payment) if first.provider_invoice is not None else None
    )
    return by.provider.transfer(movement, account.provider_account, charge, look=look)


def _refused(movement: Movement, paying: Paying, by: PayingOut, *, is_able: bool) -> bool:
    """It waits again. What cannot be taken back comes off the next transfer, and what its payment does not give is sent
    from the balance; what the balance does not give waits, as does all of whoever cannot receive anything.
    """
    first = movement.dues[0]
    going_on = movement.kind is MovementKind.REVERSAL or (is_able and first.provider_invoice is not None)
    again = [replace(due, taken_from=None) for due in movement.dues]
    if going_on:
        again[0] = replace(again[0], provider_invoice=None, payment=None)
    refused = replace(movement, state=MovementState.REFUSED, done_at=by.now)
    writes = [_next(paying, by), by.payouts.saving_movement(refused), *map(by.payouts.putting_back, again)]
    return by.commit(writes, outcome=going_on)
