"""What a bank takes back of a top-up comes off the wallet that it filled, as far as it is still in there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.billing.dispute_model import Dispute
from chalicelib.billing.gifts import call_back
from chalicelib.billing.topping_model import TopUp
from chalicelib.billing.topping_up import Bringing
from chalicelib.billing.wallet_model import FromLots, MoveKind, Wallet, back_to
from chalicelib.billing.wallet_postings import wallet_entry
from chalicelib.billing.wallet_reading import lots_of
from chalicelib.kernel.writes import Write
from chalicelib.ledger.accounts import DISPUTED


def take_gift_home(dispute: Dispute, by: Bringing) -> None:
    """A gift whose payment a bank has taken back is good for nobody else any more: what it holds is its buyer's again.

    One that was redeemed stays with who has it: they have done nothing wrong.
    """
    top_up = _top_up(dispute, by) if dispute.held > 0 else None
    if top_up is not None and top_up.gift_id is not None:
        call_back(top_up.gift_id, by)


def off_wallet(dispute: Dispute, by: Bringing) -> tuple[Dispute, Sequence[Write]]:
    """The dispute with what the wallet bears of what is out; what comes back is in it again, where it came from.

    The account has that money from its bank, so the wallet owes it no more, and nothing is at stake for us.
    """
    top_up = _top_up(dispute, by)
    if top_up is None:
        return dispute, ()
    wallet = by.purse.wallets.wallet(dispute.account_id)
    taken, wanted = dispute.from_wallet, max(0, dispute.held)
    if wanted >= taken:
        more = _of_payment(wallet, top_up.payment, wanted - taken)
        changes = {name: -minor for name, minor in more}
        kind, lots = MoveKind.DISPUTED, _added(dispute.from_lots, changes)
    else:
        changes = back_to(dispute.from_lots, 0, taken - wanted)
        kind, lots = MoveKind.DISPUTE_ENDED, _added(dispute.from_lots, changes)
    if not changes:
        return dispute, ()
    moved = wallet.moved(kind, dispute.dispute_id, changes, by.now)
    entry = wallet_entry(moved, DISPUTED, dispute.paid, by.purse.zone)
    posted = by.purse.ledger.posting(entry) if entry is not None else ()
    return replace(dispute, from_lots=lots), [*by.purse.wallets.moving(moved), *posted]


def _top_up(dispute: Dispute, by: Bringing) -> TopUp | None:
    return by.top_ups.top_up(dispute.account_id, dispute.top_up_id) if dispute.top_up_id is not None else None


def _of_payment(wallet: Wallet, payment: str | None, minor: int) -> FromLots:
    """So much of what is left of the lots that the payment filled."""
    found, left = [], minor
    for lot in lots_of(payment, wallet).values():
        part = min(left, lot.left)
        left -= part
        found.append((lot.lot_id, part))
    return tuple((name, part) for name, part in found if part)


def _added(lots: FromLots, changes: Mapping[str, int]) -> FromLots:
    """What each lot bears by now."""
    sums = dict(lots)
    for name, minor in changes.items():
        sums[name] = sums.get(name, 0) - minor
    return tuple((name, minor) for name, minor in sums.items() if minor)
