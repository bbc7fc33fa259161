"""What has to hold of all who are in an account together, whatever is done to one of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.customers import errors
from chalicelib.customers.members import Member, OwnLimit
from chalicelib.customers.model import Customer, Kind, Right, Role
from chalicelib.customers.roll import MOST_MEMBERS, ROLES, Roll, Wanted
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money

NOW = datetime(2021, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
PARENT = Customer("cus-1", "acc-9", "sub-1", "fi", NOW, Role.OWNER, "acc-9")
OTHER, CHILD = (replace(PARENT, customer_id=f"cus-{n}", subject=f"sub-{n}", role=Role.MEMBER) for n in (2, 3))
CHILD = replace(CHILD, ward=True)


def family(*members: Member, guards: bool = False) -> Roll:
    owner = Member("acc-9", "cus-1", "sub-1", Role.OWNER, NOW, guards=guards)
    return Roll("acc-9", Kind.FAMILY, (owner, *members))


def with_child() -> Roll:
    return family(guards=True).admitted(CHILD, Wanted(Role.MINOR, "Onni"), NOW)


def acting(who: Customer, role: Role) -> Customer:
    return replace(who, role=role)


def test_who_is_admitted_is_what_they_were_invited_to_be() -> None:
    limit = OwnLimit(day=Money(2000, "EUR"))
    after = family().admitted(OTHER, Wanted(Role.MEMBER, "Eero", limit), LATER)

    found = after.member("cus-2")
    assert (found.role, found.name, found.limit, found.since) == (Role.MEMBER, "Eero", limit, LATER)
    assert after.revision == 2
    with pytest.raises(errors.AlreadyAMember):
        after.admitted(OTHER, Wanted(Role.VIEWER), LATER)


def test_a_minor_is_in_an_account_only_with_somebody_who_guards_them() -> None:
    with pytest.raises(errors.GuardianNeeded):
        family().admitted(CHILD, Wanted(Role.MINOR), NOW)

    guarded = family().admitted(OTHER, Wanted(Role.GUARDIAN), NOW).admitted(CHILD, Wanted(Role.MINOR), NOW)
    for leaving in (
        lambda: guarded.without(PARENT, "cus-2", LATER),
        lambda: guarded.without(acting(OTHER, Role.GUARDIAN), "cus-2", LATER),
        lambda: guarded.changed(PARENT, "cus-2", Wanted(Role.MEMBER), ward=False),
    ):
        with pytest.raises(errors.GuardianNeeded):
            leaving()
    assert guarded.without(PARENT, "cus-3", LATER).without(PARENT, "cus-2", LATER).there == family().there


def test_whoever_has_signed_up_for_themselves_is_no_minor_and_a_minor_owns_pays_and_guards_nothing() -> None:
    with pytest.raises(errors.HasOwnAccount):
        family(guards=True).admitted(OTHER, Wanted(Role.MINOR), NOW)
    for role in (Role.OWNER, Role.PAYER, Role.GUARDIAN):
        with pytest.raises(errors.SignUpNeeded):
            with_child().changed(PARENT, "cus-3", Wanted(role), ward=True)

    grown = with_child().changed(PARENT, "cus-3", Wanted(Role.MEMBER, "Onni"), ward=True)
    assert grown.member("cus-3").role is Role.MEMBER
    assert grown.changed(PARENT, "cus-3", Wanted(Role.PAYER, "Onni"), ward=False).member("cus-3").role is Role.PAYER


def test_a_minor_does_not_leave_by_themselves_and_changes_nobody() -> None:
    child = acting(CHILD, Role.MINOR)
    with pytest.raises(errors.MinorMayNot):
        with_child().without(child, "cus-3", LATER)
    with pytest.raises(errors.RoleMayNot):
        with_child().changed(child, "cus-3", Wanted(Role.MINOR, "Onni", OwnLimit(Money(1, "EUR"))), ward=True)


def test_a_guardian_changes_what_a_minor_may_spend_and_nothing_else() -> None:
    roll = with_child().admitted(OTHER, Wanted(Role.GUARDIAN), NOW)
    guardian, limit = acting(OTHER, Role.GUARDIAN), OwnLimit(month=Money(5000, "EUR"))

    limited = roll.changed(guardian, "cus-3", Wanted(Role.MINOR, "Onni", limit), ward=True)

    assert limited.member("cus-3") == replace(roll.member("cus-3"), limit=limit, turn=1, revision=2)
    for customer_id, wanted in (
        ("cus-3", Wanted(Role.MEMBER, "Onni", limit)),
        ("cus-3", Wanted(Role.MINOR, "Oni", limit)),
        ("cus-1", Wanted(Role.OWNER, "", limit, guards=True)),
        ("cus-2", Wanted(Role.GUARDIAN, "", limit)),
    ):
        with pytest.raises(errors.RoleMayNot):
            roll.changed(guardian, customer_id, wanted, ward=False)


def test_the_last_owner_neither_leaves_nor_becomes_less_but_hands_over() -> None:
    roll = family().admitted(OTHER, Wanted(Role.MEMBER, "Eero"), NOW)
    for act in (
        lambda: roll.without(PARENT, "cus-1", LATER),
        lambda: roll.changed(PARENT, "cus-1", Wanted(Role.MEMBER), ward=False),
    ):
        with pytest.raises(errors.OwnerNeeded):
            act()

    handed = roll.handed_over(PARENT, "cus-2", Role.VIEWER, ward=False)

    assert {each.customer_id: each.role for each in handed.there} == {"cus-1": Role.VIEWER, "cus-2": Role.OWNER}
    assert handed.member("cus-2").name == "Eero"
    assert handed.without(acting(PARENT, Role.VIEWER), "cus-1", LATER).there == (handed.member("cus-2"),)
    with pytest.raises(errors.SignUpNeeded):
        with_child().handed_over(PARENT, "cus-3", Role.MEMBER, ward=True)


def test_whoever_left_is_remembered_and_comes_back_as_what_they_are_invited_to_be_then() -> None:
    roll = family().admitted(OTHER, Wanted(Role.MEMBER), NOW)
    left = roll.without(acting(OTHER, Role.MEMBER), "cus-2", LATER)
    gone = next(each for each in left.members if each.customer_id == "cus-2")
    assert (gone.ended_at, gone.rights, gone.turn) == (LATER, {Right.FINISH, Right.SEE}, 1)
    with pytest.raises(errors.UnknownMember):
        left.member("cus-2")

    back = left.admitted(OTHER, Wanted(Role.VIEWER), LATER).member("cus-2")

    assert (back.role, back.ended_at, back.turn, back.revision) == (Role.VIEWER, None, 2, 3)


def test_a_firm_has_no_family_roles_and_one_persons_account_nobody_else() -> None:
    firm = replace(family(), kind=Kind.FIRM)
    for role in set(Role) - ROLES[Kind.FIRM]:
        with pytest.raises(errors.RoleNotHere):
            firm.admitted(CHILD if role is Role.MINOR else OTHER, Wanted(role), NOW)
    with pytest.raises(errors.NoMembersHere):
        replace(family(), kind=Kind.PERSON).admitted(OTHER, Wanted(Role.MEMBER), NOW)


def test_an_account_has_so_many_members_and_no_more() -> None:
    roll = family()
    for number in range(2, MOST_MEMBERS[Kind.FAMILY] + 1):
        roll = roll.admitted(replace(OTHER, customer_id=f"cus-{number}"), Wanted(Role.MEMBER), NOW)
    with pytest.raises(errors.TooManyMembers):
        roll.admitted(replace(OTHER, customer_id="cus-99"), Wanted(Role.MEMBER), NOW)


def test_the_same_again_changes_nothing() -> None:
    roll = family().admitted(OTHER, Wanted(Role.MEMBER, "Eero"), NOW)

    assert roll.changed(PARENT, "cus-2", Wanted(Role.MEMBER, "Eero"), ward=False) is roll


_PEOPLE = st.sampled_from(["cus-1", "cus-2", "cus-3", "cus-4"])
_WARDS = {"cus-3", "cus-4"}
_EACH = st.tuples(st.sampled_from(["admit", "change", "end", "hand"]), _PEOPLE, _PEOPLE, st.sampled_from(Role))
_ACTS = st.lists(_EACH)


def _done(roll: Roll, act: str, by: Customer, on: Customer, role: Role) -> Roll:
    match act:
        case "admit":
            return roll.admitted(on, Wanted(role), NOW)
        case "change":
            return roll.changed(by, on.customer_id, Wanted(role, guards=role is Role.OWNER), ward=on.ward)
        case "end":
            return roll.without(by, on.customer_id, LATER)
    return roll.handed_over(by, on.customer_id, role, ward=on.ward)


@given(_ACTS)
def test_whatever_is_done_an_account_has_an_owner_who_signed_up_and_its_minors_a_guardian(
    acts: list[tuple[str, str, str, Role]],
) -> None:
    """
    Whoever does it: what is refused changes nothing, and every other act counts one revision.
    """
    roll = family(guards=True)
    for act, by_id, on_id, role in acts:
        by_role = next((each.role for each in roll.there if each.customer_id == by_id), Role.OWNER)
        by = replace(PARENT, customer_id=by_id, subject=by_id, role=by_role)
        on = replace(PARENT, customer_id=on_id, subject=on_id, ward=on_id in _WARDS)
        before = roll
        try:
            roll = _done(before, act, by, on, role)
        except Refusal:
            continue
        assert (roll is before) or roll.revision == before.revision + 1
        there = {each.customer_id: each for each in roll.there}
        owners = {each for each, member in there.items() if member.role is Role.OWNER}
        assert owners
        assert not owners & _WARDS
        assert all(each in _WARDS for each, member in there.items() if member.role is Role.MINOR)
        if any(member.role is Role.MINOR for member in there.values()):
            assert any(member.guards for member in there.values())
