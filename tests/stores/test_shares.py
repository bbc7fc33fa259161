"""Tax rates, rules of shares and partners' rows, as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.billing.errors import RatesSetMeanwhile, StatementChanged
from chalicelib.billing.model import Invoice, InvoiceLine, Settlement
from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.records import InvoiceRecord, SettlementRecord
from chalicelib.billing.share_model import ShareRow, StatedRates
from chalicelib.billing.share_store import ShareStore
from chalicelib.billing.store import BillingStore
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.partners.errors import ShareMonthBegun, ShareSetMeanwhile, UnknownPartner
from chalicelib.partners.model import Partner
from chalicelib.partners.share_store import ShareTermsStore
from chalicelib.partners.share_terms import ShareTerms
from chalicelib.partners.sharing import set_share, shares_of
from chalicelib.partners.store import PartnerStore
from chalicelib.rating.figures import Figures
from chalicelib.rating.share import ShareLine, ShareRule, ShareTier
from chalicelib.storage.outbox import MessageRecord
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 5, 10, tzinfo=UTC)
MAY, JUNE, JULY = Month(2021, 5), Month(2021, 6), Month(2021, 7)
RULE = ShareRule("EUR", (ShareTier(Decimal("70.5"), 100_000), ShareTier(Decimal(80))), 30, 5_000, Decimal(50), 25)
kept, agreed, partners, billed = ShareStore(), ShareTermsStore(), PartnerStore(), BillingStore()


def terms(since: Month, hours: int = 0, percent: int = 70) -> ShareTerms:
    rule = ShareRule("EUR", (ShareTier(Decimal(percent)),))
    return ShareTerms("par-1", since, rule, "fred", NOW + timedelta(hours=hours))


def test_a_rule_holds_from_its_month_on_and_what_was_set_last_counts(commit: Transaction) -> None:
    all_set = [terms(JUNE), terms(JUNE, 1, 75), terms(JULY, 2, 80)]
    for each in (*all_set, replace(terms(MAY, 5), partner_id="par-2")):
        commit(agreed.setting_share(each), None)

    assert [agreed.share_terms("par-1", month) for month in (MAY, JUNE, JULY, JULY.next)] == [
        None,
        *all_set[1:],
        all_set[2],
    ]
    assert agreed.all_share_terms("par-1") == all_set
    assert agreed.sharing_partners() == ["par-1", "par-2"]
    with pytest.raises(ShareSetMeanwhile):
        commit(agreed.setting_share(terms(JUNE, 0, 99)), None)


def test_a_rule_comes_back_as_it_was(commit: Transaction) -> None:
    whole = ShareTerms("par-1", JUNE, RULE, "fred", NOW)
    commit(agreed.setting_share(whole), None)

    assert agreed.share_terms("par-1", JUNE) == whole


def test_a_rule_is_set_for_months_to_come_alone_and_said_again_is_not_set_twice(commit: Transaction) -> None:
    def agree(since: Month, partner_id: str = "par-1", hours: int = 0) -> ShareTerms:
        return set_share(
            partner_id,
            since,
            RULE,
            by="fred",
            zone="UTC",
            partners=partners,
            agreed=agreed,
            now=NOW + timedelta(hours=hours),
            commit=commit,
        )

    with pytest.raises(UnknownPartner):
        agree(JUNE)
    commit(partners.adding(Partner("par-1", "Bikes", NOW)), None)
    for month in (MAY, MAY.previous):
        with pytest.raises(ShareMonthBegun):
            agree(month)
    first, again = agree(JUNE), agree(JUNE, hours=1)

    assert first == again
    assert shares_of("par-1", partners=partners, agreed=agreed) == [first]


def test_rates_hold_from_their_month_on(commit: Transaction) -> None:
    june = StatedRates(JUNE, {"par-1:bike": Decimal("13.5")}, {"tools": Decimal(14)}, Decimal("25.5"), "fred", NOW)
    later = replace(june, others=Decimal(24), set_at=NOW + timedelta(hours=1))
    for each in (june, later):
        commit([kept.stating_rates(each)], None)

    assert (kept.stated_rates(MAY), kept.stated_rates(JUNE), kept.stated_rates(JULY)) == (None, later, later)
    assert later.rates.by_product == {"par-1:bike": Decimal("0.135")}
    assert later.rates.others == Decimal("0.24")
    with pytest.raises(RatesSetMeanwhile):
        commit([kept.stating_rates(june)], None)


def test_a_row_replaces_that_of_its_account_and_month(commit: Transaction) -> None:
    figures = {"par-1:bike": Figures(1250, 10, 20, 16, 2, 1, {"0.25": 244})}
    row = ShareRow("par-1", MAY, "acc-1", figures, {"par-1:bike": 683}, "d" * 64)
    other = replace(row, account_id="acc-2", figures={}, posted={})
    elsewhere = replace(row, partner_id="par-2"), replace(row, month=JUNE)
    for each in (replace(row, figures={}), row, other, *elsewhere):
        commit([kept.saving_row(each)], None)

    assert kept.rows("par-1", MAY) == [row, other]


def test_settlements_and_invoices_keep_their_shares_and_those_from_before_have_none(commit: Transaction) -> None:
    settlement = Settlement(
        "acc-1",
        MAY,
        "EUR",
        1,
        {"par-1:bike": 1250},
        parts={"tax|0.25|par-1:bike": 250, "share|par-1:bike": 700},
        parts_adjusted={"2021-04": {"share|par-1:bike": -7}},
        shares_invoiced={"par-1": 693},
    )
    lines = (InvoiceLine("session", "ses-1", Money(1250, "EUR")),)
    invoice = Invoice("acc-1", MAY, 1, lines, Money(1250, "EUR"), NOW, shares={"par-1": 693})
    commit([*billed.saving_settlement(settlement), *billed.adding_invoice(invoice, NOW)], None)

    assert billed.settlements("acc-1") == [settlement]
    assert billed.invoices("acc-1") == [invoice]
    for record in (
        SettlementRecord.get("account#acc-1", "settled#2021-05"),
        InvoiceRecord.get("account#acc-1", "invoice#2021-05#0001"),
    ):
        for name in ("parts", "parts_adjusted", "shares_invoiced", "shares"):
            if name in record.get_attributes():
                setattr(record, name, None)
        record.save()
    assert billed.settlements("acc-1") == [replace(settlement, parts={}, parts_adjusted={}, shares_invoiced={})]
    assert billed.invoices("acc-1") == [replace(invoice, shares={})]


def test_a_statement_comes_back_as_it_was_and_is_changed_on_the_version_that_was_read(commit: Transaction) -> None:
    figures = {"par-1:bike": Figures(1250, 10, 20, 16, 2, 1, {"0.25": 244})}
    lines = (ShareLine("par-1:bike", "percent", 700, {"revenue": "1000"}), ShareLine("", "minimum", 5, {}))
    parts = ({"par-1:bike": 699}, {"par-1:bike": 1, "": 5})
    first = PartnerStatement("par-1", MAY, "EUR", 1, figures, lines, *parts, 1, 7, "d" * 64, NOW, NOW)
    june, other = replace(first, month=JUNE), replace(first, partner_id="par-2")
    for each in (first, june, other):
        commit([kept.saving_statement(each)], None)

    assert kept.statement("par-1", MAY) == first
    assert kept.statement("par-1", JULY) is None
    assert kept.statements("par-1", limit=9, after=None) == [first, june]
    assert kept.statements("par-1", limit=1, after="2021-05") == [june]
    for stale in (first, replace(first, version=3)):
        with pytest.raises(StatementChanged):
            commit([kept.saving_statement(stale)], None)
    commit([kept.saving_statement(replace(first, version=2, bills=2))], None)


def test_a_partners_month_is_stated_on_request(commit: Transaction) -> None:
    commit([kept.stating("par-1", MAY, NOW)], None)
    said = MessageRecord.find("billing.state#par-1:2021-05", "message")

    assert said is not None
    assert said.body == {"partner_id": "par-1", "month": "2021-05"}
