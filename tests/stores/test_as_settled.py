"""An export of a close shows accounts as they were settled, read by name; whatever else is read as it stands."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.access.active_items import to_be_billed
from chalicelib.access.charge_items import charge_item
from chalicelib.access.model import ChargeRecord
from chalicelib.billing.model import Parked, Payer
from chalicelib.billing.owed_model import ChargeState
from chalicelib.billing.sources import MOST_NAMED
from chalicelib.edge.account_months import AccountMonths
from chalicelib.edge.settling_accounts import settle_together
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance.errors import SettledAgain
from chalicelib.finance.facts import AccountMonth
from chalicelib.storage.writes import Transaction
from tests.benchmarks import settling
from tests.stores.city import calls, offer_bikes
from tests.stores.riding import MAY, record, session
from tests.stores.tables import STAGE
from tests.stores.test_charges import draft

pytestmark = pytest.mark.stores
CLOSED = settling.NOW
"""When the close was opened, and everybody was settled."""
EXPORTED = CLOSED + timedelta(hours=1)
ACCOUNTS = ("acc-1", "acc-2", "acc-3")


@pytest.fixture
def office(commit: Transaction, monkeypatch: pytest.MonkeyPatch) -> BackOffice:
    """Three accounts with two rides each."""
    monkeypatch.setattr(settling, "STAGE", STAGE)
    offer_bikes(commit)
    wired = BackOffice(settling._environment(""), now=lambda: CLOSED)
    for account_id in ACCOUNTS:
        payer = Payer(account_id, "cus_1", "pm_1", version=1)
        commit([wired.billed.saving_payer(payer), to_be_billed(account_id, MAY)], None)
        charge(ride(account_id, number) for number in (1, 2))
    return wired


def ride(account_id: str, number: int, *, revision: int = 0, seconds: int = 2400) -> ChargeRecord:
    begun = replace(session(number, account_id), session_id=f"{account_id}-ride-{number}")
    begun = replace(begun, started_at=settling.BEGAN + timedelta(hours=number))
    return record(begun, revision=revision, quantities={"use_seconds": Decimal(seconds)})


def charge(records: Iterable[ChargeRecord]) -> None:
    for each in records:
        charge_item(each).save()


def settle(office: BackOffice, accounts: Sequence[str] = ACCOUNTS) -> None:
    assert sorted(settle_together(accounts, MAY, office.page())) == sorted(accounts)


def read(office: BackOffice, since: datetime | None = CLOSED) -> list[AccountMonth]:
    return list(AccountMonths(office).of(ACCOUNTS, MAY, EXPORTED, since))


def uses(months: Iterable[AccountMonth]) -> list[int]:
    return [len(each.statement.uses) for each in months]


def without_how(month: AccountMonth) -> AccountMonth:
    """All of it but the functions by which charges are marked as billed."""
    rated = month.statement.rated_from
    return replace(month, statement=replace(month.statement, rated_from=rated._replace(marking=len, sources=None)))


def test_accounts_are_read_together_and_are_what_each_of_them_is_when_read_by_itself(office: BackOffice) -> None:
    settle(office)
    with calls() as one_by_one:
        as_they_stand = read(office, None)
    with calls() as together:
        as_settled = read(office)

    assert list(map(without_how, as_settled)) == list(map(without_how, as_they_stand))
    assert one_by_one["Query"] - together["Query"] == 3 * len(ACCOUNTS)
    assert together["BatchGetItem"] - one_by_one["BatchGetItem"] == 1


def test_what_is_charged_and_corrected_once_it_was_settled_is_not_in_the_closes_export(office: BackOffice) -> None:
    settle(office)
    before = read(office)
    charge([ride("acc-1", 3), ride("acc-2", 2, revision=1, seconds=4800)])

    assert list(map(without_how, read(office))) == list(map(without_how, before))
    assert uses(read(office, None)) == [3, 2, 2]
    assert read(office, None)[1].records["acc-2-ride-2"].revision == 1


def test_what_was_settled_before_the_close_is_read_as_it_stands(office: BackOffice) -> None:
    settle(office)
    charge([ride("acc-1", 3)])

    assert uses(read(office, CLOSED + timedelta(seconds=1))) == [3, 2, 2]


def test_what_was_settled_again_is_read_as_it_was_then(office: BackOffice) -> None:
    settle(office)
    charge([ride("acc-1", 3)])
    settle(office)
    charge([ride("acc-1", 4)])

    assert uses(read(office)) == [3, 2, 2]


@pytest.mark.parametrize("since", [None, CLOSED])
def test_what_is_charged_corrected_and_settled_after_an_exports_instant_is_not_in_it(
    office: BackOffice, since: datetime | None
) -> None:
    """
    A ride of the first account is longer, the second had another one, and both are settled again after the instant.
    """
    settle(office)
    before = read(office, since)
    office.now = lambda: EXPORTED + timedelta(hours=1)
    sealed = replace(ride("acc-1", 2, revision=1, seconds=9600), sealed_at=office.now())
    charge([sealed, replace(ride("acc-2", 3), sealed_at=office.now())])
    settle(office)

    assert list(map(without_how, read(office, since))) == list(map(without_how, before))
    newest = list(AccountMonths(office).of(ACCOUNTS, MAY, office.now()))
    assert [each.settlement.version for each in newest if each.settlement] == [2, 2, 1]
    assert uses(newest) == [2, 3, 2]
    assert newest[0].records["acc-1-ride-2"].revision == 1


def test_what_was_settled_and_parked_only_after_an_exports_instant_is_open_in_it(
    office: BackOffice, commit: Transaction
) -> None:
    office.now = lambda: EXPORTED + timedelta(hours=1)
    settle(office, ACCOUNTS[:2])
    parked = Parked("acc-3", MAY, "negative", {}, office.now())
    commit(office.billed.parking(parked), None)
    asked = datetime.max.replace(tzinfo=EXPORTED.tzinfo)

    assert [(each.settlement, each.parked) for each in read(office)] == [(None, None)] * 3
    (found,) = AccountMonths(office).of(["acc-3"], MAY, asked)
    assert found.parked == parked


def test_what_was_released_after_an_exports_instant_is_parked_in_it(office: BackOffice, commit: Transaction) -> None:
    parked = Parked("acc-1", MAY, "negative", {}, CLOSED)
    released = replace(parked, released_at=EXPORTED + timedelta(hours=1), released_by="anna")
    again = released.followed_by(replace(parked, parked_at=EXPORTED + timedelta(hours=2)))
    for each in (parked, released, again):
        commit(office.billed.parking(each), None)
        assert read(office)[0].parked == parked


def test_what_a_settlement_was_that_is_not_kept_refuses_the_version(office: BackOffice, commit: Transaction) -> None:
    settle(office)
    (settled, *_) = office.billed.settlements("acc-1")
    assert settled.stood is not None
    later = replace(settled, version=2, stood=replace(settled.stood, at=EXPORTED + timedelta(hours=1)))
    commit(office.billed.saving_settlement(later), None)

    with pytest.raises(SettledAgain, match="acc-1"):
        read(office)


def test_a_month_that_a_later_settlement_corrects_by_now_is_read_as_it_stands(
    office: BackOffice, commit: Transaction
) -> None:
    settle(office)
    charge([ride("acc-1", 3)])
    (settled, *_) = office.billed.settlements("acc-1")
    later = replace(settled, month=MAY.next, charges={}, adjusted={str(MAY): {"par-1:bike": 1}}, version=1)
    commit(office.billed.saving_settlement(later), None)

    assert uses(read(office)) == [3, 2, 2]


def test_an_account_with_more_rides_than_a_settlement_names_is_read_as_it_stands(office: BackOffice) -> None:
    charge(ride("acc-1", number) for number in range(3, MOST_NAMED + 2))
    settle(office)
    charge([ride("acc-1", 9), ride("acc-2", 9)])

    assert uses(read(office)) == [MOST_NAMED + 2, 2, 2]


def test_what_partners_charged_beside_use_is_read_where_it_was_settled(office: BackOffice, commit: Transaction) -> None:
    at = settling.BEGAN + timedelta(days=3)
    owed = replace(draft(), state=ChargeState.ACCEPTED, charged_at=at, happened_at=at, month=MAY, created_at=at)
    commit(office.charges.saving(owed), None)
    settle(office)
    as_settled = read(office)

    assert uses(as_settled) == [3, 2, 2]
    assert as_settled[0].about("chg-1").charge_id == "chg-1"
    assert list(map(without_how, as_settled)) == list(map(without_how, read(office, None)))
