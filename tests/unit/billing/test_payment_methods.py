"""Which method is charged, which goes, and which is told of before it ends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from chalicelib.billing.errors import DefaultMethod, StillOwed, UnknownMethod
from chalicelib.billing.hold_model import HOLD
from chalicelib.billing.model import InvoiceState, Payer, PaymentMethod
from chalicelib.billing.owed_model import ChargeState
from chalicelib.billing.payment_methods import (
    Paying,
    Wallet,
    choose_method,
    detach_method,
    method_renewed,
    remove_method,
    tell_expiring,
    wallet_of,
)
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month
from tests.unit.billing.books import ACCOUNT, MAY, ZONE, Books
from tests.unit.billing.test_collecting import INVOICE
from tests.unit.memory import InMemory, write

NOW = datetime(2021, 5, 20, tzinfo=UTC)
OLD, NEW = PaymentMethod("pm-old", "card", expires=Month(2021, 7)), PaymentMethod("pm-new", "card")


class Saved:
    """The provider's side."""

    def __init__(self, *methods: PaymentMethod) -> None:
        self.methods = {each.method_id: each for each in methods}

    def of_customer(self, _provider_customer: str) -> Sequence[PaymentMethod]:
        return list(self.methods.values())

    def find(self, method_id: str) -> PaymentMethod | None:
        return self.methods.get(method_id)

    def owned(self, method_id: str) -> tuple[str, PaymentMethod] | None:
        found = self.methods.get(method_id)
        return (ACCOUNT, found) if found is not None else None

    def detach(self, method_id: str) -> None:
        self.methods.pop(method_id, None)


class Open:
    """So many sessions are open when something is committed."""

    def __init__(self, sessions: int = 0) -> None:
        self.sessions = sessions

    def none_open(self, _account_id: str, otherwise: Refusal) -> InMemory:
        return write(otherwise, holds=lambda: self.sessions == 0)


def paying(books: Books, saved: Saved) -> Paying:
    return Paying(books.billed, saved, ZONE, NOW, books.commit)  # type: ignore[arg-type]


@pytest.fixture
def books() -> Books:
    """Of an account that is charged by the old card."""
    made = Books()
    made.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-old", version=2)
    return made


class Costing:
    """Satisfies `Fees`."""

    def __init__(self, *, costs: bool) -> None:
        self.costs = costs

    def will_cost(self, _account_id: str, _now: datetime) -> bool:
        return self.costs


class Claimed:
    """Satisfies `Claims`."""

    def __init__(self, *states: ChargeState) -> None:
        self.states = states

    def of_account(self, _account_id: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(state=each) for each in self.states]


def remove(
    books: Books,
    saved: Saved,
    method_id: str,
    sessions: int = 0,
    *,
    fee: bool = False,
    claims: Claimed | None = None,
) -> Wallet:
    parts = {"openings": Open(sessions), "used": books.rides, "fees": Costing(costs=fee), "claims": claims or Claimed()}
    return remove_method(ACCOUNT, method_id, "EUR", paying=paying(books, saved), **parts)  # type: ignore[arg-type]


def charged(books: Books) -> str | None:
    payer = books.billed.payer(ACCOUNT)
    assert payer is not None
    return payer.payment_method


def test_an_account_that_saved_nothing_has_nothing_and_the_provider_is_not_asked() -> None:
    assert wallet_of(ACCOUNT, paying=paying(Books(), Saved(OLD))) == Wallet((), None)


def test_another_that_is_chosen_is_charged_collects_what_is_unpaid_and_is_watched(books: Books) -> None:
    books.billed.made[MAY, 1] = replace(INVOICE, state=InvoiceState.FAILED)
    books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-new", version=2)

    chosen = [choose_method(ACCOUNT, "pm-old", paying=paying(books, Saved(OLD, NEW))) for _ in range(2)]

    assert chosen[0].default == chosen[1].default == charged(books) == "pm-old"
    assert books.billed.told == ["collect acc-1:2021-05:1", "watch pm-old 2021-07"]


def test_what_is_not_the_accounts_is_neither_chosen_nor_removed(books: Books) -> None:
    with pytest.raises(UnknownMethod):
        choose_method(ACCOUNT, "pm-of-another", paying=paying(books, Saved(OLD)))
    with pytest.raises(UnknownMethod):
        remove(books, Saved(OLD), "pm-of-another")


def test_what_is_charged_is_not_removed_while_there_is_another(books: Books) -> None:
    with pytest.raises(DefaultMethod):
        remove(books, Saved(OLD, NEW), "pm-old")

    assert remove(books, Saved(OLD, NEW), "pm-new") == Wallet([OLD], "pm-old")
    assert books.billed.told == ["detach pm-new"]


def test_the_last_is_removed_when_nothing_is_owed(books: Books) -> None:
    assert remove(books, Saved(OLD), "pm-old") == Wallet([], None)
    assert (charged(books), books.billed.told) == (None, ["detach pm-old"])


@pytest.mark.parametrize(
    "owed", ["open session", "unpaid invoice", "use of this month", "use of last month", "fee that goes on"]
)
def test_the_last_is_not_removed_while_something_is_owed(books: Books, owed: str) -> None:
    match owed:
        case "unpaid invoice":
            books.billed.made[MAY, 1] = INVOICE
        case "use of this month":
            books.rides.ridden(MAY, 250)
        case "use of last month":
            books.rides.ridden(MAY.previous, 250)

    with pytest.raises(StillOwed):
        remove(books, Saved(OLD), "pm-old", sessions=int(owed == "open session"), fee=owed == "fee that goes on")

    assert (charged(books), books.billed.told) == ("pm-old", [])


@pytest.mark.parametrize("state", ChargeState)
def test_the_last_is_not_removed_while_something_is_claimed_and_not_decided_about(
    books: Books, state: ChargeState
) -> None:
    claims = Claimed(ChargeState.WITHDRAWN, state)
    if state in {ChargeState.STATED, ChargeState.OBJECTED, ChargeState.DECIDED, ChargeState.ACCEPTED}:
        with pytest.raises(StillOwed):
            remove(books, Saved(OLD), "pm-old", claims=claims)
    else:
        assert remove(books, Saved(OLD), "pm-old", claims=claims) == Wallet([], None)


def test_what_is_too_small_to_collect_and_what_a_later_month_took_keep_nobody(books: Books) -> None:
    (name,) = books.rides.ridden(MAY.previous, 30)
    books.settle(MAY.previous)
    books.rides.corrected(name, 40, seen_in=MAY)
    books.settle(MAY)

    assert books.invoiced() == 0
    assert remove(books, Saved(OLD), "pm-old") == Wallet([], None)


def test_what_was_chosen_again_meanwhile_is_not_detached(books: Books) -> None:
    saved = Saved(OLD, NEW)
    for each in ("pm-old", "pm-new", "pm-new"):
        detach_method(ACCOUNT, each, billed=books.billed, methods=saved)  # type: ignore[arg-type]

    assert list(saved.methods) == ["pm-old"]


def test_what_ends_is_told_and_what_was_renewed_is_watched_until_then(books: Books) -> None:
    tell_expiring(ACCOUNT, "pm-old", Month(2021, 7), paying=paying(books, Saved(OLD)))
    renewed = replace(OLD, expires=Month(2025, 7))
    tell_expiring(ACCOUNT, "pm-old", Month(2021, 7), paying=paying(books, Saved(renewed)))

    assert books.billed.told == ["pm-old ends 2021-07", "watch pm-old 2025-07"]


def test_what_its_network_renews_is_watched_anew_and_tried_where_only_another_card_could_help(books: Books) -> None:
    """
    Also in its last month, when its end was told already: otherwise nobody is told when the new one ends.
    """
    states = [("expired_card", 1), ("insufficient_funds", 2), ("authentication_required", 3)]
    for code, number in states:
        failed = replace(INVOICE, number=number, state=InvoiceState.FAILED, decline_code=code)
        books.billed.made[MAY, number] = failed
    saved = Saved(replace(OLD, expires=Month(2025, 7)), replace(NEW, expires=Month(2026, 1)))
    for each in ("pm-old", "pm-new", "pm-of-nobody"):
        method_renewed(each, paying=paying(books, saved))

    assert books.billed.told == ["watch pm-old 2025-07", "collect acc-1:2021-05:1"]


def test_what_is_chosen_once_more_is_asked_to_hold_what_it_could_not(books: Books) -> None:
    payer = books.billed.payers[ACCOUNT]
    books.billed.payers[ACCOUNT] = replace(payer, failed=frozenset({f"{HOLD}ses_1", "acc-1:2021-05:1"}))
    assert choose_method(ACCOUNT, "pm-old", paying=paying(books, Saved(OLD))).default == "pm-old"

    assert books.billed.told == ["renew hold ses_1"]


def test_nobody_is_told_of_what_they_are_not_charged_by_any_more(books: Books) -> None:
    tell_expiring(ACCOUNT, "pm-new", Month(2021, 7), paying=paying(books, Saved(OLD, NEW)))
    tell_expiring(ACCOUNT, "pm-old", Month(2021, 7), paying=paying(books, Saved(NEW)))

    assert books.billed.told == []
