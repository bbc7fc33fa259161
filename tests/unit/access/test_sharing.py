"""Who may take part in a session, and how each account sees it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.errors import (
    AlreadyEnded,
    AlreadySharing,
    HolderOnly,
    HolderStays,
    InvitationForged,
    InvitationStale,
    InvitationUsed,
    NotStarted,
    SharesDiffer,
    TooManySharing,
    UnknownSession,
)
from chalicelib.access.model import AccessSession, Entitled, State
from chalicelib.access.sharing import (
    Invitation,
    Joiner,
    check_can_be_shared,
    check_holder,
    joined,
    left,
    rated_part,
    view_for,
    views_of,
)
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.money import Money
from chalicelib.rating.sharing import MOST_PARTS, Part

START = datetime(2021, 5, 31, 8, tzinfo=UTC)
LATER = START + timedelta(minutes=5)
SESSION = AccessSession(
    session_id="ses-1",
    account_id="acc-h",
    customer_id="cus-h",
    partner_id="par-1",
    product_id="car",
    asset_id="car-1",
    tariff_version=1,
    quote_id="quo-1",
    started_at=START,
    meters={},
    entitled=Entitled("ent-1"),
)


def invitation(number: int = 1, weight: int = 1, **given: object) -> Invitation:
    made = Invitation(f"inv-{number}", "ses-1", "acc-h", weight, 1, LATER + timedelta(minutes=10))
    return replace(made, **given)  # type: ignore[arg-type]


def who(number: int = 1, most: int | None = None) -> Joiner:
    return Joiner(f"acc-{number}", f"cus-{number}", None if most is None else Money(most, "EUR"))


def shared(people: int = 2) -> AccessSession:
    session = SESSION
    for number in range(1, people):
        session = joined(session, invitation(number, weight=number), who(number, number * 100), LATER)
    return session


def test_the_holder_is_the_first_part_and_each_who_joins_one_more() -> None:
    session = shared(3)

    assert [(each.account_id, each.weight, each.most) for each in session.parts] == [
        ("acc-h", 1, None),
        ("acc-1", 1, Money(100, "EUR")),
        ("acc-2", 2, Money(200, "EUR")),
    ]
    assert session.revision == 2


def test_each_account_has_its_view_and_rates_its_own_part() -> None:
    views = views_of(shared(3))

    assert [each.account_id for each in views] == ["acc-h", "acc-1", "acc-2"]
    assert [rated_part(each, LATER) for each in views] == [Part(n, (1, 1, 2), (None, 100, 200)) for n in range(3)]
    assert (rated_part(SESSION, LATER), views_of(SESSION)) == (None, (SESSION,))


def test_what_the_thing_knows_its_user_by_is_told_to_the_holder_alone() -> None:
    assert [each.entitled is None for each in views_of(shared())] == [False, True]


def test_who_takes_no_part_does_not_know_the_session_and_who_does_cannot_end_it() -> None:
    session = shared()

    assert check_holder(session, "ses-1", "acc-h") is session
    with pytest.raises(HolderOnly):
        check_holder(session, "ses-1", "acc-1")
    for found in (session, None):
        with pytest.raises(UnknownSession):
            view_for(found, "ses-1", "acc-9")


def test_accepted_twice_by_the_same_account_it_is_as_after_the_first_also_when_it_is_stale() -> None:
    session = shared()

    assert joined(session, invitation(), who(1, 100), LATER + timedelta(days=1)) is session


ENDED = replace(SESSION, state=State.ENDED, ended_at=LATER)
REFUSED: list[tuple[AccessSession, Invitation, Joiner, type[Refusal]]] = [
    (SESSION, invitation(valid_until=LATER), who(), InvitationStale),
    (SESSION, invitation(holder="acc-x"), who(), InvitationForged),
    (SESSION, invitation(session_id="ses-2"), who(), InvitationForged),
    (SESSION, invitation(), Joiner("acc-h", "cus-h"), AlreadySharing),
    (shared(), invitation(), who(1), AlreadySharing),
    (shared(), invitation(2), who(1, 100), AlreadySharing),
    (shared(), invitation(1), who(2), InvitationUsed),
    (shared(), invitation(2, own_weight=2), who(2), SharesDiffer),
    (shared(MOST_PARTS), invitation(99), who(99), TooManySharing),
    (ENDED, invitation(), who(), AlreadyEnded),
    (replace(SESSION, state=State.RESERVED), invitation(), who(), NotStarted),
    (replace(SESSION, state=State.CANCELLED), invitation(), who(), NotStarted),
]


@pytest.mark.parametrize(("session", "given", "joiner", "refusal"), REFUSED)
def test_what_nobody_may_join(
    session: AccessSession, given: Invitation, joiner: Joiner, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        joined(session, given, joiner, LATER)


def test_a_paused_session_can_be_shared_too() -> None:
    check_can_be_shared(replace(SESSION, state=State.PAUSED), 7)


@pytest.mark.parametrize(("so_far", "most"), [(50, 50), (100, 100), (170, 100)])
def test_who_leaves_pays_what_the_part_has_come_to_and_never_more_than_the_limit(so_far: int, most: int) -> None:
    session = shared()
    gone = left(session, "acc-1", Money(so_far, "EUR"), LATER)

    assert (gone.parts[1].most, gone.parts[1].left_at) == (Money(most, "EUR"), LATER)
    assert gone.revision == session.revision + 1
    assert left(gone, "acc-1", Money(1, "EUR"), LATER + timedelta(hours=1)) is gone


def test_the_holder_stays_strangers_have_nothing_to_leave_and_what_has_ended_is_left_by_nobody() -> None:
    session = shared()
    for account, refusal in (("acc-h", HolderStays), ("acc-9", UnknownSession)):
        with pytest.raises(refusal):
            left(session, account, Money(0, "EUR"), LATER)
    with pytest.raises(AlreadyEnded):
        left(session.end(LATER), "acc-1", Money(0, "EUR"), LATER)


def test_an_invitation_is_read_as_it_was_signed_and_anything_else_is_forged() -> None:
    assert Invitation.of(invitation().document()) == invitation()
    for member in invitation().document():
        broken = {name: value for name, value in invitation().document().items() if name != member}
        with pytest.raises(InvitationForged):
            Invitation.of(broken)
    with pytest.raises(InvitationForged):
        Invitation.of({**invitation().document(), "weight": "much"})
