"""In whose name a sign-in acts, and what its role there lets it do."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.customers.errors import NotAMember, NotSignedUp, RoleMayNot
from chalicelib.customers.members import Member, SignedIn
from chalicelib.customers.model import RIGHTS, USING, Customer, Right, Role

NOW = datetime(2021, 5, 1, tzinfo=UTC)
AINO = Customer("cus-1", "acc-1", "sub-1", "fi", NOW)
IN_FAMILY = Member("acc-2", "cus-1", "sub-1", Role.MEMBER, NOW)


def test_without_a_choice_everybody_acts_in_their_own_account_and_may_do_all() -> None:
    for chosen in (None, "acc-1"):
        who = SignedIn(AINO, chosen)
        assert [who.acting(right) for right in Right] == [AINO] * len(Right)


def test_who_chose_an_account_is_the_same_person_in_that_account() -> None:
    found = SignedIn(AINO, "acc-2", IN_FAMILY).acting(Right.USE)

    assert found == replace(AINO, account_id="acc-2", role=Role.MEMBER, member_of="acc-2")


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_it_gives_and_nothing_else(role: Role) -> None:
    who = SignedIn(AINO, "acc-2", replace(IN_FAMILY, role=role))
    for right in Right:
        if right in RIGHTS[role]:
            assert who.acting(right).role is role
            continue
        with pytest.raises(RoleMayNot) as refused:
            who.acting(right)
        assert refused.value.facts == {"role": str(role), "needs": str(right), "ended": False}


def test_no_role_but_an_owners_runs_the_account_and_no_minor_pays_or_reads_the_books() -> None:
    assert [role for role in Role if Right.MANAGE in RIGHTS[role]] == [Role.OWNER]
    assert {role for role in Role if Right.PAY in RIGHTS[role]} == {Role.OWNER, Role.PAYER}
    assert {role for role in Role if Right.READ not in RIGHTS[role]} == {Role.MEMBER, Role.MINOR}
    assert {"owner", "member", "guardian", "minor"} == USING


def test_whoever_has_left_may_see_and_end_what_they_have_open_and_nothing_more() -> None:
    who = SignedIn(AINO, "acc-2", replace(IN_FAMILY, role=Role.OWNER, ended_at=NOW))

    assert {right for right in Right if right in who.member.rights} == {Right.FINISH, Right.SEE}  # type: ignore[union-attr]
    with pytest.raises(RoleMayNot):
        who.acting(Right.USE)
    assert who.acting(Right.FINISH).account_id == "acc-2"


@pytest.mark.parametrize("member", [None, replace(IN_FAMILY, customer_id="cus-9")])
def test_an_account_in_which_one_is_not_is_refused_as_one_that_is_not_there(member: Member | None) -> None:
    with pytest.raises(NotAMember) as refused:
        SignedIn(AINO, "acc-2", member).acting(Right.BELONG)

    assert refused.value.facts == {}


def test_nobody_acts_who_has_not_signed_up() -> None:
    with pytest.raises(NotSignedUp):
        SignedIn(None, "acc-2", None).acting(Right.USE)


def test_whoever_does_not_read_the_books_sees_what_is_their_own() -> None:
    for role in Role:
        seen = replace(AINO, role=role).sees("cus-2")
        assert (replace(AINO, role=role).sees("cus-1"), seen) == (True, Right.READ in RIGHTS[role])
