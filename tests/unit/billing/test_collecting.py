"""Collecting may stop at any point and begin again; what the provider says is taken note of once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from chalicelib.billing.collecting import collect, take_note
from chalicelib.billing.errors import CollectorUnavailable, PayerGone
from chalicelib.billing.model import Invoice, InvoiceLine, InvoiceState, Payer, ProviderInvoice
from chalicelib.kernel.errors import Unavailable
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import STRIPE_CLEARING, receivable
from tests.unit.billing.books import ACCOUNT, JUNE, MAY, ZONE, Books

NOW = datetime(2021, 6, 1, 5, tzinfo=UTC)
LINES = (InvoiceLine("session", "ses-1", Money(50, "EUR")), InvoiceLine("session", "ses-2", Money(900, "EUR")))
INVOICE = Invoice(ACCOUNT, MAY, 1, LINES, Money(950, "EUR"), NOW)


@dataclass
class Provider:
    """Satisfies what collecting needs of `billing.ports.Collector`; says no from the `breaks`-th call on."""

    total: Money = INVOICE.total
    breaks: int | None = None
    status: dict[str, str] = field(default_factory=dict)
    paid_with: list[str] = field(default_factory=list)
    lines: dict[str, Money] = field(default_factory=dict)
    calls: int = 0

    def _call(self) -> None:
        self.calls += 1
        if self.breaks is not None and self.calls > self.breaks:
            raise CollectorUnavailable

    def draft(self, invoice: Invoice, _customer: str) -> str:
        self._call()
        name = f"in-{invoice.attempts}"
        self.status.setdefault(name, "draft")
        return name

    def add_lines(self, name: str, _invoice: Invoice) -> Money:
        self._call()
        self.lines[name] = self.total
        return self.total

    def discard(self, name: str, _invoice: Invoice) -> None:
        self._call()
        del self.status[name]

    def finalize(self, name: str, _invoice: Invoice) -> None:
        self._call()
        self.status[name] = "open"

    def pay(self, name: str, _invoice: Invoice, method: str) -> None:
        self._call()
        if self.status[name] != "paid":
            self.paid_with.append(method)
            self.status[name] = "paid"

    def read(self, name: str) -> ProviderInvoice:
        self._call()
        return replace(stands(self.status[name], name=name), total=self.lines.get(name, Money.zero("EUR")))


def stands(status: str, paid: int = 0, code: str | None = None, *, name: str = "in-0") -> ProviderInvoice:
    return ProviderInvoice(
        provider_invoice=name,
        account_id=ACCOUNT,
        month=MAY,
        number=1,
        status=status,
        total=INVOICE.total,
        paid=Money(paid, "EUR"),
        attempted=status != "draft",
        paid_at=NOW if status == "paid" else None,
        decline_code=code,
    )


@pytest.fixture
def books() -> Books:
    found = Books()
    found.billed.made[MAY, 1] = INVOICE
    found.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-1", version=2)
    return found


def collected(books: Books, provider: Provider, failures: int | None = None) -> Invoice | None:
    """As it was asked for after so many failures; as many as there were, if nothing is said."""
    if failures is None:
        stored = books.billed.made.get((MAY, 1))
        failures = stored.failures if stored else 0
    credit = books.crediting(provider)
    return collect(
        ACCOUNT,
        MAY,
        1,
        failures,
        billed=books.billed,
        collector=provider,
        credit=credit,
        now=NOW,
        commit=books.commit,
    )


def noted(books: Books, said: ProviderInvoice) -> Invoice | None:
    """Of an invoice that nobody has collected yet it is about its first draft."""
    stored = books.billed.made.get((MAY, 1))
    if stored is not None and not stored.attempts:
        books.billed.made[MAY, 1] = replace(stored, provider_invoice=stored.provider_invoice or "in-0")
    kept = (books.billed, books.journal, books.notes)
    return take_note(said, zone=ZONE, billed=kept[0], ledger=kept[1], notes=kept[2], now=NOW, commit=books.commit)


def failures(books: Books) -> frozenset[str]:
    payer = books.billed.payer(ACCOUNT)
    assert payer is not None
    return payer.failed


@pytest.mark.parametrize("breaks", range(5))
def test_a_collection_that_broke_off_anywhere_is_finished_by_the_next_and_pays_once(books: Books, breaks: int) -> None:
    provider = Provider(breaks=breaks)
    if breaks < 4:
        with pytest.raises(CollectorUnavailable):
            collected(books, provider)
    provider.breaks = None
    collected(books, provider)
    collected(books, provider)

    assert provider.status == {"in-0": "paid"}
    assert provider.paid_with == ["pm-1"]
    assert books.billed.made[MAY, 1].provider_invoice == "in-0"


def test_collecting_alone_is_not_believed_only_what_is_read_is_booked(books: Books) -> None:
    collected(books, Provider())

    assert books.billed.made[MAY, 1].state is InvoiceState.DUE
    assert not books.journal.entries


@pytest.mark.parametrize("gone", ["invoice", "payer", "card"])
def test_without_an_invoice_or_a_card_nothing_is_asked_of_the_provider(books: Books, gone: str) -> None:
    if gone == "invoice":
        books.billed.made.clear()
    if gone == "payer":
        books.billed.payers.clear()
    if gone == "card":
        books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", version=1)
    provider = Provider()

    assert collected(books, provider) is None
    assert provider.calls == 0


@pytest.mark.parametrize("breaks", [2, None], ids=["breaks at discarding", "does not break"])
def test_an_invoice_that_the_provider_adds_up_otherwise_is_parked_and_not_collected(
    books: Books, breaks: int | None
) -> None:
    """
    Ours is 9.50, theirs 9.51. When we cannot reach them to remove the draft, it is parked all the same, and what comes
    again does not stumble over a draft that is gone.
    """
    provider = Provider(total=Money(951, "EUR"), breaks=breaks)
    if breaks is not None:
        with pytest.raises(CollectorUnavailable):
            collected(books, provider)
        provider.breaks = None
    collected(books, provider)

    parked = books.billed.held[MAY]
    assert (parked.reason, dict(parked.facts)) == ("differs_from_provider", {"ours": "9.50 EUR", "theirs": "9.51 EUR"})
    assert provider.paid_with == []
    assert "open" not in provider.status.values()
    books.billed.held[MAY] = replace(parked, released_at=NOW)
    provider.total = INVOICE.total
    collected(books, provider)
    assert provider.status["in-1"] == "paid"


@pytest.mark.parametrize(("status", "paid"), [("paid", 949), ("paid", 951), ("void", 0)])
def test_an_invoice_that_was_paid_otherwise_than_ours_is_parked_once_for_each_such_trouble(
    books: Books, status: str, paid: int
) -> None:
    """
    Nothing is posted. Released, what is said again parks it no more; that it is something else by then does.
    """
    provider = Provider()
    collected(books, provider)
    for _ in range(2):
        noted(books, stands(status, paid))
    parked = books.billed.held[MAY]
    theirs = f"{status} {Money(paid, 'EUR')}"
    facts = {"invoice": INVOICE.invoice_id, "ours": "9.50 EUR", "theirs": theirs}
    assert (parked.reason, dict(parked.facts), books.journal.entries) == ("differs_from_provider", facts, {})
    books.billed.held[MAY] = replace(parked, released_at=NOW, released_by="olga", note="seen")
    noted(books, stands(status, paid))
    assert books.billed.held[MAY].released_at == NOW

    noted(books, stands("uncollectible"))
    again = books.billed.held[MAY]
    assert (again.released_at, again.facts["theirs"]) == (None, "uncollectible 0.00 EUR")
    assert [(each.released_by, each.note) for each in again.earlier] == [("olga", "seen")]


def test_a_payment_is_booked_once_however_often_it_is_heard_of(books: Books) -> None:
    first, again = noted(books, stands("paid", 950)), noted(books, stands("paid", 950))

    assert (first, again) == (books.billed.made[MAY, 1], None)
    assert books.billed.made[MAY, 1].state is InvoiceState.PAID
    assert books.journal.sum_of(STRIPE_CLEARING) == 950
    assert books.journal.sum_of(receivable(ACCOUNT)) == -950
    (entry,) = books.journal.entries.values()
    assert (entry.reference, entry.period) == ("payment:acc-1:2021-05:1", JUNE)


@pytest.mark.parametrize("drafted", ["in-1", None])
@pytest.mark.parametrize("status", ["open", "void", "uncollectible", "paid"])
def test_what_comes_weeks_late_of_an_earlier_draft_neither_fails_nor_parks_nor_pays_the_one_that_took_its_place(
    books: Books, status: str, drafted: str | None
) -> None:
    """
    The account was deleted at the provider, and its open invoice given up there; it is collected anew under another
    name. Only if it was paid while there is no other, that is its payment, once.
    """
    now_due = replace(INVOICE, attempts=1, provider_invoice=drafted)
    books.billed.made[MAY, 1] = now_due
    paid = status == "paid" and drafted is None
    for _ in range(2):
        noted(books, stands(status, 950 if status == "paid" else 0, "do_not_honor", name="in-0"))

    after = books.billed.made[MAY, 1]
    assert (after == now_due, after.state is InvoiceState.PAID) == (not paid, paid)
    assert (after.provider_invoice, books.billed.held) == ("in-0" if paid else drafted, {})
    assert (failures(books), books.billed.told) == (frozenset(), [])
    assert books.journal.sum_of(STRIPE_CLEARING) == (950 if paid else 0)


def test_what_has_failed_is_not_tried_again_because_its_message_comes_again(books: Books) -> None:
    provider = Provider()
    collected(books, provider)
    noted(books, stands("open", code="insufficient_funds"))
    calls = provider.calls

    assert collected(books, provider, failures=0) is None
    assert (provider.calls, books.billed.made[MAY, 1].state) == (calls, InvoiceState.FAILED)
    assert collected(books, provider, failures=1) is not None


class Forgetful(Provider):
    """Does not know the account any more."""

    def draft(self, _invoice: Invoice, _customer: str) -> str:
        raise PayerGone


def test_an_account_that_the_provider_does_not_know_fails_like_any_other_and_needs_a_method(books: Books) -> None:
    failed = collected(books, Forgetful())

    assert failed is not None
    assert (failed.state, failed.provider_invoice, failed.retry_at) == (InvoiceState.FAILED, None, None)
    assert books.billed.payers[ACCOUNT].payment_method is None
    assert failures(books) == {INVOICE.invoice_id}
    assert books.billed.told == [
        "payment_failed acc-1:2021-05:1 payment_method_unavailable",
        "narrow 06-04 05:00",
    ]


def test_a_failed_payment_is_told_once_and_bars_the_account_until_it_is_paid(books: Books) -> None:
    noted(books, stands("open", code="insufficient_funds"))
    noted(books, stands("open", code="insufficient_funds"))

    assert books.billed.told == [
        "payment_failed acc-1:2021-05:1 insufficient_funds",
        "retry acc-1:2021-05:1 06-04 05:00",
        "narrow 06-04 05:00",
    ]
    assert failures(books) == {INVOICE.invoice_id}
    noted(books, stands("paid", 950))
    assert failures(books) == frozenset()


def test_what_a_bank_has_not_decided_about_yet_is_neither_failed_nor_paid_and_then_it_is(books: Books) -> None:
    """
    A debit of an account at a bank takes days; a failure of a try before it is told no more either.
    """
    for code in (None, "insufficient_funds"):
        assert noted(books, replace(stands("open", code=code), under_way=True)) is None
    assert (books.billed.made[MAY, 1].state, books.billed.told) == (InvoiceState.DUE, [])
    paid = noted(books, stands("paid", 950))
    assert paid is not None
    assert paid.state is InvoiceState.PAID


def test_a_failure_that_is_heard_of_after_the_payment_changes_nothing(books: Books) -> None:
    noted(books, stands("paid", 950))

    assert noted(books, stands("open", code="card_declined")) is None
    assert books.billed.made[MAY, 1].state is InvoiceState.PAID
    assert failures(books) == frozenset()


@pytest.mark.parametrize("said", [stands("draft"), stands("paid", 949), stands("void"), stands("open")])
def test_what_is_neither_a_full_payment_nor_a_failure_books_nothing(books: Books, said: ProviderInvoice) -> None:
    noted(books, replace(said, attempted=False))

    assert books.billed.made[MAY, 1] == replace(INVOICE, provider_invoice="in-0")
    assert not books.journal.entries


def test_a_failed_invoice_is_tried_again_with_the_card_of_now_under_a_new_attempt(books: Books) -> None:
    provider = Provider()
    provider.status["in-0"] = "open"
    failed = replace(INVOICE, provider_invoice="in-0", state=InvoiceState.FAILED)
    books.billed.made[MAY, 1] = failed
    books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-2", frozenset({INVOICE.invoice_id}), 3)
    collected(books, provider)

    assert provider.paid_with == ["pm-2"]
    assert (books.billed.made[MAY, 1].attempts, books.billed.made[MAY, 1].state) == (1, InvoiceState.DUE)


def unpaid(change: Callable[[Payer], Payer]) -> Payer:
    return change(Payer(ACCOUNT, "cus-stripe", "pm-1", frozenset({"acc-1:2021-04:1"}), 7))


def test_one_invoice_paid_does_not_put_in_order_what_another_failed() -> None:
    failed = unpaid(lambda payer: payer.after(replace(INVOICE, state=InvoiceState.FAILED)))
    paid = unpaid(lambda _: failed.after(replace(INVOICE, state=InvoiceState.PAID)))

    assert failed.failed == {"acc-1:2021-04:1", INVOICE.invoice_id}
    assert paid.failed == {"acc-1:2021-04:1"}
    assert paid.version == 9


def test_a_draft_is_removed_only_after_it_is_stored_that_it_is_not_ours_any_more(books: Books) -> None:
    """
    Were it removed first and storing that failed, every later try would ask for a draft that is not there.
    """
    books.billed.made[MAY, 1] = replace(INVOICE, provider_invoice="in-0")
    provider = Provider(total=Money(951, "EUR"), status={"in-0": "draft"})

    def unable(_writes: object, _outcome: object) -> None:
        raise Unavailable

    credit = books.crediting(provider)
    with pytest.raises(Unavailable):
        collect(ACCOUNT, MAY, 1, 0, billed=books.billed, collector=provider, credit=credit, now=NOW, commit=unable)
    assert provider.status == {"in-0": "draft"}
    collected(books, provider)
    assert (provider.status, books.billed.held) == ({}, {})
    collected(books, provider)
    assert books.billed.held[MAY].reason == "differs_from_provider"


@pytest.mark.parametrize("there", [INVOICE.total, Money(400, "EUR")])
def test_a_draft_of_days_ago_is_not_given_its_lines_a_second_time(books: Books, there: Money) -> None:
    """
    The provider forgets keys after a day: what has all its lines gets none, what has some of them is begun anew.
    """
    books.billed.made[MAY, 1] = replace(INVOICE, provider_invoice="in-0")
    provider = Provider(total=there + INVOICE.total, status={"in-0": "draft"}, lines={"in-0": there})

    collected(books, provider)
    provider.total = INVOICE.total
    collected(books, provider)

    assert provider.paid_with == ["pm-1"]
    assert list(provider.status.values()) == ["paid"]
    assert books.billed.held == {}
