"""What an export shows of each account and each movement of money, as of its instant."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.billing.credit_model import Refund
from chalicelib.billing.dispute_model import Dispute, DisputeState
from chalicelib.billing.model import InvoiceState
from chalicelib.billing.paper_model import Buyer, Seller, Series, TaxRow
from chalicelib.billing.postings_of_money import bad_debt_entry, fee_entry
from chalicelib.edge.export_lookups import ExportLookups
from chalicelib.finance.rows_booked import kind_of
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import BANK, STRIPE_CLEARING
from chalicelib.ledger.model import JournalEntry, Posting
from tests.unit.billing.books import ACCOUNT, LATER, MAY, ZONE
from tests.unit.billing.test_settling_shares import pay, sharing
from tests.unit.finance.months import AS_OF, Desk, Office, written

FIVE = Money(500, "EUR")


@pytest.fixture
def office() -> Office:
    """12.50 with 25 % in it, billed."""
    found = Office(sharing())
    found.books.rides.ridden(MAY, 1250)
    found.books.settle(MAY)
    return found


def change(office: Office, **members: Any) -> None:  # noqa: ANN401 -- members of an invoice
    office.books.billed.made[MAY, 1] = replace(office.books.billed.made[MAY, 1], **members)


def shown(office: Office, *names: str) -> tuple[str, ...]:
    (row,) = written(office).rows("invoices")
    return tuple(row[name] for name in names)


def test_an_invoice_is_due_until_it_is_paid_and_a_payment_after_the_instant_is_not_seen(office: Office) -> None:
    assert shown(office, "state", "paid_at", "provider_invoice", "asks") == ("due", "", "", "12.50")
    pay(office.books, MAY)
    change(office, provider_invoice="in_1")
    assert shown(office, "state", "provider_invoice") == ("paid", "in_1")
    change(office, paid_at=AS_OF + timedelta(seconds=1))
    assert shown(office, "state", "paid_at", "provider_invoice") == ("due", "", "")


def test_what_was_given_up_is_written_off_from_the_instant_at_which_that_was_booked(office: Office) -> None:
    invoice = office.books.billed.made[MAY, 1]
    change(office, state=InvoiceState.WRITTEN_OFF)
    for posted_at, state in ((AS_OF, "written_off"), (AS_OF + timedelta(seconds=1), "due")):
        entry = bad_debt_entry(invoice, ZONE, posted_at)
        office.books.journal.entries[entry.reference] = entry
        assert shown(office, "state") == (state,)


def test_a_dispute_that_is_not_decided_stands_beside_its_invoice(office: Office) -> None:
    pay(office.books, MAY)
    what = (f"invoice:{ACCOUNT}:{MAY}:1", "fraudulent", FIVE, LATER, None, DisputeState.NEEDS_RESPONSE, "ch_1")
    dispute = Dispute("dp_1", ACCOUNT, *what)
    office.disputes.append(dispute)
    assert shown(office, "state", "disputed") == ("disputed", "5.00")
    office.disputes[:] = [replace(dispute, state=DisputeState.WON)]
    assert shown(office, "state", "disputed") == ("paid", "0.00")
    office.disputes[:] = [replace(dispute, opened_at=AS_OF + timedelta(seconds=1))]
    assert shown(office, "state", "disputed") == ("paid", "0.00")


def test_what_the_wallet_paid_and_credit_notes_took_off_is_shown_and_the_rest_is_asked_for(office: Office) -> None:
    change(office, from_wallet=(("lot-1", 300),), credited=200)
    (ride,) = office.books.rides.cents
    office.books.rides.corrected(ride, 0, seen_in=MAY.next)
    office.books.settle(MAY.next)
    (note,) = office.books.notes.kept.values()
    office.books.notes.kept[note.note_id] = replace(note, lowered={"acc-1:2021-05:1": 200})

    assert shown(office, "amount", "wallet", "credited", "asks", "state") == ("12.50", "3.00", "2.00", "7.50", "due")


def test_seller_and_buyer_are_those_of_the_document_and_the_buyers_words_are_no_formula(office: Office) -> None:
    numbers = office.books.numbers
    series = {Series.INVOICE: "I-", Series.CREDIT_NOTE: "C-"}
    seller = Seller("fi", "Adgang Oy", (), "FI", "FI123", series, version=2)
    buyer = Buyer(ACCOUNT, country="SE", purchase_order='=HYPERLINK("http://x")', cost_centre="-7", version=3)
    numbers.seller = lambda seller_id, version: seller if (seller_id, version) == ("fi", 2) else None  # type: ignore[method-assign,assignment]
    numbers.buyer = lambda _account, version: buyer if version == 3 else None  # type: ignore[method-assign,assignment]
    paper = office.books.billed.made[MAY, 1].paper
    assert paper is not None
    change(office, paper=replace(paper, seller_id="fi", seller_version=2, buyer_version=3))

    names = ("seller", "country", "purchase_order", "cost_centre")
    assert shown(office, *names) == ("fi", "FI", '\'=HYPERLINK("http://x")', "'-7")
    (row,) = written(office).rows("documents")
    assert (row["seller_name"], row["vat_number"], row["buyer_country"]) == ("Adgang Oy", "FI123", "SE")


def test_the_tax_of_a_sale_belongs_to_the_country_that_was_decided_for_it_with_the_reason_for_none(
    office: Office,
) -> None:
    paper = office.books.billed.made[MAY, 1].paper
    assert paper is not None
    change(office, paper=replace(paper, taxes=(TaxRow("0.255:FI", 1000, 203), TaxRow("0:DE:reverse_charge", 250, 0))))

    found = [
        (row["rate"], row["country"], row["tax"], row["gross"], row["tax_reason"])
        for row in written(office).rows("documents")
    ]
    assert found == [("0.255", "FI", "2.03", "10.00", ""), ("0", "DE", "0.00", "2.50", "reverse_charge")]
    assert shown(office, "taxes") == ("0.255:FI=2.03",)


@dataclass
class AtStripe:
    """The parts of the wiring that lookups ask."""

    office: Office

    def wired(self) -> Any:  # noqa: ANN401 -- as above
        wired = self.office.wired
        made = self.office.books.billed.made
        wired.billed.invoices_named = lambda names: [made.get((month, number)) for _, month, number in names]
        wired.holds = SimpleNamespace(of_session=lambda _account, name: [SimpleNamespace(turn=1, intent=f"pi_{name}")])
        wired.wallets = SimpleNamespace(paid_back=lambda _a: [SimpleNamespace(name="acc-1:w1", provider_refund="re_w")])
        topped = {("acc-1", "t1"): SimpleNamespace(payment="pi_top")}
        gifts = {"g1": SimpleNamespace(payment="pi_gift")}
        wired.top_ups = SimpleNamespace(top_up=lambda *name: topped.get(name), gift=gifts.get)
        moves = {("par-1", 3): SimpleNamespace(provider_id="tr_3")}
        wired.payouts = SimpleNamespace(movement=lambda *name: moves.get(name))
        return wired


def moved(reference: str, kind: str, account: str = ACCOUNT, source: str = "") -> JournalEntry:
    postings = (Posting(STRIPE_CLEARING, FIVE, source), Posting(BANK, -FIVE, source))
    return JournalEntry(reference, kind, account, MAY, AS_OF, postings)


def test_every_movement_of_money_is_named_as_stripe_names_it(office: Office) -> None:
    change(office, provider_invoice="in_1")
    notes = office.books.notes
    notes.sent[1] = Refund(ACCOUNT, 1, "n", "acc-1:2021-05:1", "ch_1", FIVE, LATER, provider_refund="re_1")
    wired = AtStripe(office).wired()
    entries = {
        moved("payment:acc-1:2021-05:1", "payment"): ("payment", "in_1"),
        moved("payment:acc-1:2021-05:9", "payment"): ("payment", None),
        moved("payment:acc-1:2021-05:1:ses_1:1", "payment"): ("hold_capture", "pi_ses_1"),
        moved("refund:acc-1:r1", "refund"): ("refund", "re_1"),
        moved("wallet-refund:acc-1:w1", "wallet-refund"): ("wallet_refund", "re_w"),
        moved("wallet:acc-1:4", "wallet", source="top-up:acc-1:t1"): ("top_up", "pi_top"),
        moved("gift:g1", "gift"): ("gift", "pi_gift"),
        moved("transfer:par-1:3", "transfer", "par-1"): ("transfer", "tr_3"),
        moved("dispute:txn_7", "dispute"): ("dispute", "txn_7"),
        fee_entry("txn_8", FIVE, ACCOUNT, MAY, AS_OF): ("fee", "txn_8"),
        moved("paid-out:txn_9", "paid-out", "stripe"): ("paid_out", "txn_9"),
    }

    found = ExportLookups(wired, office.reading).names_at_provider(list(entries))

    assert list(zip(map(kind_of, entries), found, strict=True)) == list(entries.values())


def test_a_page_of_names_follows_the_other_until_all_accounts_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(sharing())
    names = [f"acc-{number}" for number in range(7)]

    def page(_month: object, *, limit: int, after: str | None) -> list[str]:
        first = 0 if after is None else names.index(after) + 1
        return names[first : first + limit]

    monkeypatch.setattr("chalicelib.edge.account_months.PAGE", 3)
    monkeypatch.setattr(office, "active_accounts_after", page)

    assert [each.account_id for each in office.reading.accounts(MAY, AS_OF)] == names
    desk = Desk(office.reading)
    desk.write(datetime(2022, 1, 1, tzinfo=UTC))
    assert desk.manifest["accounts"] == {"settled": 0, "parked": 0, "open": 7}
