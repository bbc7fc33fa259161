"""A card is saved with the provider; whatever failed before is tried again with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.billing.cards import card_saved, prepare_card
from chalicelib.billing.errors import NotParked
from chalicelib.billing.model import CardSetup, InvoiceState, Parked, Payer, SavedCard
from chalicelib.billing.operating import release
from tests.unit.billing.books import ACCOUNT, LATER, MAY, Books
from tests.unit.billing.test_collecting import INVOICE

NOW = datetime(2021, 6, 1, 5, tzinfo=UTC)
CARD = SavedCard(ACCOUNT, "cus-stripe", "pm-1")


class Provider:
    """Satisfies what saving a card needs of `billing.ports.Collector`."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def create_customer(self, account_id: str, _turn: int) -> str:
        self.made.append(account_id)
        return "cus-stripe"

    def prepare_card(self, account_id: str, customer: str, key: str) -> CardSetup:
        return CardSetup(f"setup:{account_id}:{customer}:{key}", "secret")


def test_the_providers_customer_is_made_once_and_a_repeat_gets_the_same_setup() -> None:
    books, provider = Books(), Provider()
    setups = [
        prepare_card(ACCOUNT, "key-1", billed=books.billed, collector=provider, commit=books.commit) for _ in range(2)
    ]

    assert setups[0] == setups[1]
    assert provider.made == [ACCOUNT]
    assert books.billed.payer(ACCOUNT) == Payer(ACCOUNT, "cus-stripe", version=1)


def test_a_card_is_taken_up_once_and_what_failed_is_collected_again() -> None:
    books = Books()
    books.billed.made[MAY, 1] = replace(INVOICE, state=InvoiceState.FAILED)
    books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-0", frozenset({INVOICE.invoice_id}), 4)
    for _ in range(3):
        card_saved(CARD, billed=books.billed, zone="UTC", now=NOW, commit=books.commit)

    payer = books.billed.payer(ACCOUNT)
    assert payer is not None
    assert (payer.payment_method, payer.version) == ("pm-1", 5)
    assert books.billed.told == ["collect acc-1:2021-05:1"]


def test_of_who_has_left_or_never_was_nothing_is_kept_because_a_setup_is_told_late() -> None:
    books = Books()

    assert card_saved(CARD, billed=books.billed, zone="UTC", now=NOW, commit=books.commit) is None
    assert books.billed.payer(ACCOUNT) is None


@pytest.mark.parametrize("then", ["another saved", "another chosen", "taken away"])
def test_a_setup_that_is_told_late_or_twice_takes_nothing_back_that_was_said_after_it(then: str) -> None:
    books, first = Books(), replace(CARD, saved_at=NOW)
    books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", version=1)
    how = {"billed": books.billed, "zone": "UTC", "now": LATER, "commit": books.commit}
    card_saved(first, **how)
    match then, books.billed.payers[ACCOUNT]:
        case "another saved", _:
            card_saved(replace(CARD, payment_method="pm-2", saved_at=NOW + timedelta(minutes=1)), **how)
        case "another chosen", payer:
            books.commit([books.billed.saving_payer(payer.with_card("pm-2", NOW + timedelta(seconds=1.5)))], None)
        case _, payer:
            books.commit([books.billed.saving_payer(payer.without_method(NOW + timedelta(seconds=1)))], None)
    then_charged = books.billed.payers[ACCOUNT].payment_method
    card_saved(first, **how)

    assert books.billed.payers[ACCOUNT].payment_method == then_charged != "pm-1"


def test_what_is_saved_in_the_second_in_which_another_was_chosen_is_charged() -> None:
    """
    The provider counts whole seconds, and its second may have begun before.
    """
    books, at = Books(), NOW + timedelta(microseconds=700_000)
    books.billed.payers[ACCOUNT] = Payer(ACCOUNT, "cus-stripe", "pm-0", version=2, method_since=at)
    card_saved(replace(CARD, saved_at=NOW), billed=books.billed, zone="UTC", now=at, commit=books.commit)

    assert books.billed.payers[ACCOUNT].payment_method == "pm-1"


def test_a_card_of_a_customer_whom_the_provider_knew_before_is_left_alone_however_late_it_is_told() -> None:
    books = Books()
    books.billed.payers[ACCOUNT] = known = Payer(ACCOUNT, "cus-newer", "pm-0", version=4)

    assert card_saved(CARD, billed=books.billed, zone="UTC", now=NOW, commit=books.commit) == known
    assert (books.billed.payers, books.billed.told) == ({ACCOUNT: known}, [])


def test_a_release_is_decided_once_with_a_name_and_sets_settling_and_collecting_going() -> None:
    books = Books()
    books.billed.made[MAY, 1] = INVOICE
    books.billed.held[MAY] = Parked(ACCOUNT, MAY, "many_times_the_usual", {}, NOW)

    def released(by: str) -> Parked:
        return release(ACCOUNT, MAY, by=by, note="is right", billed=books.billed, now=LATER, commit=books.commit)

    first, again = released("anna"), released("bo")

    assert (first.released_by, first.released_at, first.note) == ("anna", LATER, "is right")
    assert again == first
    assert books.billed.told == ["settle 2021-05 1", "collect acc-1:2021-05:1"]


def test_what_is_not_parked_cannot_be_released() -> None:
    books = Books()

    with pytest.raises(NotParked):
        release(ACCOUNT, MAY, by="anna", note="", billed=books.billed, now=LATER, commit=books.commit)
