"""A bill, its settlement, its proof and its postings are stored together or not at all, whatever is in their way."""

from collections.abc import Sequence

import pytest

from chalicelib.billing.credit_ports import Issuing
from chalicelib.billing.credit_store import CreditStore
from chalicelib.billing.paper_store import PaperStore
from chalicelib.billing.settling import settle
from chalicelib.billing.wallet_model import MoveKind
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Outcome, Write
from chalicelib.ledger.accounts import STRIPE_CLEARING
from chalicelib.storage.writes import Put, Transaction
from tests.stores.tables import Client, empty, items
from tests.stores.test_wallets import EUR, LOT, NOW, billed, ledger, purse, wallets
from tests.unit.billing.books import ACCOUNT, MAY, Rides, SharesInMemory

pytestmark = pytest.mark.stores


def writes_of_a_bill(commit: Transaction) -> Sequence[Write]:
    """What settles twelve euros, of which ten are in the wallet: in one transaction, which is not committed."""
    commit(purse.add(wallets.wallet(ACCOUNT), MoveKind.TOPPED_UP, LOT, STRIPE_CLEARING), None)
    rides, asked = Rides(), list[Sequence[Write]]()
    rides.ridden(MAY, 700, 500)

    def seen(writes: Sequence[Write], outcome: Outcome) -> Outcome:
        asked.append(writes)
        return outcome

    kept = {"billed": billed, "used": rides, "ledger": ledger, "shared": SharesInMemory()}
    issuing = Issuing(CreditStore(), PaperStore(), purse)
    settle(ACCOUNT, MAY, EUR, **kept, issuing=issuing, time_zone_data="2026b", now=NOW, commit=seen)  # type: ignore[arg-type]
    (writes,) = asked
    return writes


def test_whatever_is_there_already_keeps_all_of_it_from_being_stored(commit: Transaction, dynamodb: Client) -> None:
    writes = writes_of_a_bill(commit)
    conditional = [each for each in writes if isinstance(each, Put) and each.condition is not None]
    kinds = {type(each.record).__name__ for each in conditional}
    assert {"SettlementRecord", "InvoiceRecord", "ProofRecord", "EntryRecord", "PlaceRecord", "WalletRecord"} <= kinds

    for each in conditional:
        empty(dynamodb)
        each.record.save()
        before = list(items(dynamodb))
        with pytest.raises(Refusal):
            commit(writes, None)
        assert list(items(dynamodb)) == before


def test_with_nothing_in_its_way_all_of_it_is_stored_and_a_repeat_stores_nothing(
    commit: Transaction, dynamodb: Client
) -> None:
    writes = writes_of_a_bill(commit)
    commit(writes, None)
    (invoice,) = billed.invoices(ACCOUNT)
    posted = {each.source for entry in ledger.of_account(ACCOUNT) for each in entry.postings}
    stored = list(items(dynamodb))

    assert (invoice.total.minor, invoice.paid_ahead.minor) == (1200, 1000)
    assert posted == {f"invoice:{invoice.invoice_id}", "proof:acc-1:1", LOT.source}
    with pytest.raises(Refusal):
        commit(writes, None)
    assert list(items(dynamodb)) == stored
