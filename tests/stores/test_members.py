"""Members, invitations and linked sign-ins, as DynamoDB keeps them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.customers import errors
from chalicelib.customers.invitations import Invitation
from chalicelib.customers.member_store import InvitationStore, MemberStore
from chalicelib.customers.members import Member, OwnLimit
from chalicelib.customers.model import Account, Customer, Kind, Right, Role
from chalicelib.customers.roll import Roll, Wanted
from chalicelib.customers.store import CustomerStore
from chalicelib.kernel.money import Money
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Transaction

pytestmark = pytest.mark.stores
NOW = datetime(2021, 5, 1, 6, tzinfo=UTC)
AINO, EERO = (Customer(f"cus-{n}", f"acc-{n}", f"sub-{n}", "fi", NOW) for n in (1, 2))
HOME = Account("acc-9", "EUR", NOW, kind=Kind.FAMILY, name="Home")
LIMIT = OwnLimit(day=Money(300, "EUR"), month=Money(5000, "EUR"))
OPENED = Roll("acc-9", Kind.FAMILY, (Member("acc-9", "cus-1", "sub-1", Role.OWNER, NOW, guards=True),))
customers, members, invitations = CustomerStore(), MemberStore(), InvitationStore()


@pytest.fixture
def home(commit: Transaction) -> Roll:
    """Aino's family, with Eero in it."""
    for each in (AINO, EERO):
        commit(customers.adding(each, Account(each.account_id, "EUR", NOW)), None)
    commit(members.opening(HOME, OPENED), None)
    with_eero = OPENED.admitted(EERO, Wanted(Role.MEMBER, "Eero", LIMIT), NOW)
    commit(members.changing(OPENED, with_eero), None)
    return with_eero


def may_use(commit: Transaction, turn: int | None, customer_id: str = "cus-2") -> None:
    commit([members.may_use("acc-9", customer_id, turn), message("x", f"{customer_id}-{turn}", {}, NOW)], None)


def test_an_account_and_all_who_are_in_it_come_back_as_they_were(home: Roll) -> None:
    found = members.roll("acc-9")

    assert found is not None
    assert (found.kind, found.revision, set(found.members)) == (Kind.FAMILY, 2, set(home.members))
    assert members.member("acc-9", "cus-2") == home.member("cus-2")
    assert members.of_subject("sub-2") == [home.member("cus-2")]
    assert members.accounts(["acc-9", "acc-1", "acc-none"]) == {
        "acc-9": HOME,
        "acc-1": Account("acc-1", "EUR", NOW),
    }
    assert (members.roll("acc-1"), members.accounts([]), members.of_subject("sub-9")) == (None, {}, [])


def test_a_sign_in_is_read_with_what_it_is_in_the_account_that_it_chose(home: Roll) -> None:
    found = customers.signed_in("sub-2", "acc-9").fetch()

    assert (found.customer, found.member) == (EERO, home.member("cus-2"))
    assert customers.signed_in("sub-2", "acc-1").fetch().member is None
    assert customers.signed_in("sub-9", "acc-9").fetch().customer is None


def test_of_two_who_change_an_account_at_once_one_is_told_to_look_again(commit: Transaction, home: Roll) -> None:
    by = replace(AINO, account_id="acc-9", member_of="acc-9")
    removed, changed = home.without(by, "cus-2", NOW), home.changed(by, "cus-2", Wanted(Role.VIEWER), ward=False)
    commit(members.changing(home, changed), None)

    with pytest.raises(errors.MembersChanged):
        commit(members.changing(home, removed), None)

    assert members.member("acc-9", "cus-2") == changed.member("cus-2")
    assert customers.signed_in("sub-2", "acc-9").fetch().member == changed.member("cus-2")


def test_a_start_under_an_own_limit_moves_its_turn_once(commit: Transaction, home: Roll) -> None:
    """
    A start that looked at nothing, or before, is refused; so is a change that did not see the start.
    """
    turn = home.member("cus-2").turn
    may_use(commit, turn)
    for stale in (turn, None):
        with pytest.raises(errors.MembershipMoved):
            may_use(commit, stale)
    may_use(commit, turn + 1)
    by = replace(AINO, account_id="acc-9", member_of="acc-9")
    with pytest.raises(errors.MembersChanged):
        commit(members.changing(home, home.changed(by, "cus-2", Wanted(Role.MEMBER, "E"), ward=False)), None)


def test_nothing_is_started_by_who_is_not_in_the_account_or_not_to_use(commit: Transaction, home: Roll) -> None:
    by = replace(AINO, account_id="acc-9", member_of="acc-9")
    may_use(commit, None, "cus-1")
    viewing = home.changed(by, "cus-2", Wanted(Role.VIEWER), ward=False)
    gone = viewing.without(by, "cus-2", NOW)
    for before, after in ((home, viewing), (viewing, gone)):
        commit(members.changing(before, after), None)
        for turn in (None, after.members[-1].turn):
            with pytest.raises(errors.MembershipMoved):
                may_use(commit, turn)
    with pytest.raises(errors.MembershipMoved):
        may_use(commit, None, "cus-9")


def test_an_invitation_is_closed_once(commit: Transaction) -> None:
    wanted = Wanted(Role.OWNER, "Anna", LIMIT, guards=True)
    made = Invitation("inv-1", "acc-9", wanted, "cus-1", NOW, NOW + timedelta(days=1))
    commit([invitations.inviting(made)], None)
    assert invitations.find("acc-9", "inv-1") == made
    commit([invitations.closing(made.taken("cus-2"))], None)

    for again in (made.taken("cus-3"), made.withdrawn(NOW)):
        with pytest.raises(errors.InvitationTaken):
            commit([invitations.closing(again)], None)

    assert invitations.of_account("acc-9") == [made.taken("cus-2")]
    assert invitations.find("acc-8", "inv-1") is None


def test_a_linked_sign_in_hands_all_on_and_opens_nothing(commit: Transaction, home: Roll) -> None:
    there = members.of_subject("sub-2")
    commit([*customers.linking(EERO, "sub-new", NOW), *members.linking(there, "sub-new", NOW)], None)

    assert customers.by_subject("sub-new") == replace(EERO, subject="sub-new", earlier=frozenset({"sub-2"}))
    assert customers.signed_in("sub-new", "acc-9").fetch().acting(Right.USE).customer_id == "cus-2"
    with pytest.raises(errors.SignInLinked):
        customers.signed_in("sub-2", "acc-9").fetch().acting(Right.USE)
    assert members.member("acc-9", "cus-2") == replace(home.member("cus-2"), subject="sub-new")
    assert [each.is_in for each in members.of_subject("sub-2")] == [False]
    assert [each.is_in for each in members.of_subject("sub-new")] == [True]
    with pytest.raises(errors.AlreadyLinked):
        commit(customers.linking(EERO, "sub-other", NOW), None)
    with pytest.raises(errors.AlreadySignedUp):
        commit(customers.linking(AINO, "sub-new", NOW), None)


def test_who_came_in_as_a_minor_gets_an_account_of_their_own_as_the_same_person(commit: Transaction) -> None:
    ward = Customer("cus-3", "acc-9", "sub-3", "fi", NOW, ward=True)
    commit([members.taking_in(ward)], None)
    assert customers.by_subject("sub-3") == ward
    with pytest.raises(errors.AlreadySignedUp):
        commit([members.taking_in(ward)], None)
    stranger = Customer("cus-4", "acc-4", "sub-3", "fi", NOW)
    with pytest.raises(errors.AlreadySignedUp):
        commit(customers.adding(stranger, Account("acc-4", "EUR", NOW)), None)

    grown = replace(ward, account_id="acc-3", ward=False)
    commit(customers.adding(grown, Account("acc-3", "EUR", NOW)), None)

    assert customers.by_subject("sub-3") == grown


def test_an_account_is_called_something_else_and_nothing_more_of_it_changes(commit: Transaction, home: Roll) -> None:
    commit([members.naming(replace(HOME, name="Cabin", currency="SEK"))], None)

    assert members.accounts([home.account_id])["acc-9"] == replace(HOME, name="Cabin")
    with pytest.raises(errors.BadAccount):
        commit([members.naming(replace(HOME, account_id="acc-none"))], None)
