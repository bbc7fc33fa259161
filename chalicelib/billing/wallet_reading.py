"""What became of a payment in a wallet: its lots, and the changes of these."""

from collections.abc import Collection, Iterator

from chalicelib.billing.wallet_model import Lot, Move, Wallet
from chalicelib.billing.wallet_ports import Wallets

_PAGE = 200


def lots_of(payment: str | None, wallet: Wallet) -> dict[str, Lot]:
    """The lots that a payment filled, by id, in the order of use; none of a payment that is not known yet."""
    found = (each for each in wallet.lots.values() if payment is not None and each.payment == payment)
    return {each.lot_id: each for each in sorted(found, key=lambda each: each.place)}


def moves_of(account_id: str, lots: Collection[str], wallets: Wallets) -> Iterator[Move]:
    """All changes of some lots, in order."""
    after, more = 0, bool(lots)
    while more:
        page = wallets.moves(account_id, limit=_PAGE, after=after)
        yield from (each for each in page if not set(each.changes).isdisjoint(lots))
        after, more = (page[-1].number if page else after), len(page) == _PAGE
