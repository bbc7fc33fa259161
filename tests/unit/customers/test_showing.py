"""What a customer has shown: what it is enough for, and what stays when something else is shown."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.customers.consent import Consent, give, link_of, withdraw
from chalicelib.customers.eligibility import LONGEST, TOLD_BEFORE, Checked, Show, show, tell_expiring
from chalicelib.customers.errors import NotShown, ShownExpired, UnknownConsent
from chalicelib.customers.model import Customer
from chalicelib.customers.ports import Verified
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.requirement import Requirement, Shown
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 5, 31, tzinfo=UTC)
CUSTOMER = Customer("cus-1", "acc-1", "sub-1", "fi", NOW)
MONTH = timedelta(days=30)


class Kept:
    """What was shown, and when its customer is to be told that it ends."""

    def __init__(self) -> None:
        self.by_kind: dict[Shown, Checked] = {}
        self.told: list[datetime] = []
        self.expiring: list[tuple[Shown, datetime]] = []

    def shown(self, _customer_id: str, kind: Shown) -> Checked | None:
        return self.by_kind.get(kind)

    def showing(self, checked: Checked, told_at: datetime) -> list[InMemory]:
        return [
            write(Conflict(), lambda: self.by_kind.update({checked.kind: checked})),
            write(Conflict(), lambda: self.told.append(told_at)),
        ]

    def telling(self, checked: Checked, _code: str, at: datetime) -> InMemory:
        return write(Conflict(), lambda: self.expiring.append((checked.kind, at)))


class Says:
    """A verifier that always gives this answer."""

    def __init__(self, verified: Verified | None) -> None:
        self.verified = verified

    def check(self, *_asked: object) -> Verified | None:
        return self.verified


def shown(kept: Kept, text: str, verified: Verified | None, now: datetime = NOW) -> Checked:
    command = Show(CUSTOMER, Requirement.parse(text), "proof")
    commit = Commits()
    return show(command, verifier=Says(verified), shows=kept, now=now, commit=commit)  # type: ignore[arg-type]


def verified(days: int = 365, *details: str) -> Verified:
    return Verified(NOW + timedelta(days=days), "verifier", details)


@given(st.integers(1, 120), st.integers(1, 120))
def test_an_age_is_enough_for_every_younger_one(at_least: int, asked: int) -> None:
    checked = Checked("cus-1", "acc-1", Shown.AGE, "verifier", NOW, NOW + MONTH, at_least=at_least)

    assert checked.covers(Requirement(Shown.AGE, at_least=asked)) == (asked <= at_least)
    assert not checked.covers(Requirement(Shown.IDENTITY))


def test_who_lives_in_a_place_lives_in_its_country_and_in_no_other_place() -> None:
    kept = Kept()
    checked = shown(kept, "resident:FI-091", verified(365, "FI-091"))

    asked = ("resident:FI-091", "resident:FI", "resident:FI-049", "resident:SE", "student")
    assert [checked.covers(Requirement.parse(each)) for each in asked] == [True, True, False, False, False]
    with pytest.raises(NotShown):
        shown(kept, "resident:FI-091", verified(365, "FI"))


def test_whoever_moves_lives_in_the_new_place_alone() -> None:
    kept = Kept()
    shown(kept, "resident:FI", verified(365, "FI-091"))

    assert shown(kept, "resident:FI", verified(365, "FI-049"), NOW + MONTH).details == ("FI", "FI-049")


def test_a_licence_is_enough_for_its_classes_and_for_any() -> None:
    checked = Checked("cus-1", "acc-1", Shown.DRIVING_LICENCE, "verifier", NOW, NOW + MONTH, details=("AM", "B"))

    assert [checked.covers(Requirement(Shown.DRIVING_LICENCE, detail=each)) for each in ("B", None, "C")] == [
        True,
        True,
        False,
    ]


def test_it_is_good_until_its_instant_and_not_at_it() -> None:
    checked = Checked("cus-1", "acc-1", Shown.STUDENT, "verifier", NOW, NOW + MONTH)

    assert checked.is_good(NOW + MONTH - timedelta(microseconds=1))
    assert not checked.is_good(NOW + MONTH)


def test_a_result_is_kept_and_its_end_is_told_two_weeks_before() -> None:
    kept = Kept()
    checked = shown(kept, "driving_licence:B", verified(365, "B"))

    assert kept.by_kind == {Shown.DRIVING_LICENCE: checked}
    assert kept.told == [checked.valid_until - TOLD_BEFORE]


def test_what_ends_within_two_weeks_is_told_at_once_and_nothing_is_good_for_longer_than_ten_years() -> None:
    kept = Kept()
    shown(kept, "student", verified(3))
    assert kept.told == [NOW]

    assert shown(kept, "identity", verified(99_999)).valid_until == NOW + LONGEST


@pytest.mark.parametrize(
    ("text", "says", "refusal"),
    [
        ("age:18", None, NotShown),
        ("age:18", verified(0), ShownExpired),
        ("driving_licence:B", verified(365, "AM"), NotShown),
    ],
)
def test_what_is_not_shown_or_has_expired_is_not_kept(text: str, says: Verified | None, refusal: type) -> None:
    kept = Kept()
    with pytest.raises(refusal):
        shown(kept, text, says)

    assert (kept.by_kind, kept.told) == ({}, [])


def test_what_says_no_more_and_for_no_longer_changes_nothing() -> None:
    kept = Kept()
    first = shown(kept, "age:21", verified(365))

    assert shown(kept, "age:18", verified(365), NOW + MONTH) is first
    assert kept.by_kind == {Shown.AGE: first}
    assert shown(kept, "age:18", verified(366)) is not first
    assert shown(kept, "age:21", verified(30)).at_least == 21


def test_only_what_is_still_kept_is_told_to_end() -> None:
    kept = Kept()
    first = shown(kept, "student", verified(30))
    second = shown(kept, "student", verified(300))
    for each in (first, second):
        what = ("cus-1", Shown.STUDENT, each.valid_until, each.valid_until - TOLD_BEFORE)
        tell_expiring(*what, shows=kept, commit=Commits())  # type: ignore[arg-type]

    assert kept.expiring == [(Shown.STUDENT, second.valid_until - TOLD_BEFORE)]


class Given:
    """Consents, each act in order."""

    def __init__(self) -> None:
        self.acts: list[Consent] = []

    def consent(self, _customer_id: str, purpose: str) -> Consent | None:
        return next((each for each in reversed(self.acts) if each.purpose == purpose), None)

    def changing(self, consent: Consent) -> list[InMemory]:
        return [write(Conflict(), lambda: self.acts.append(consent))]


@given(st.lists(st.sampled_from(["1", "2", None]), max_size=12))
def test_a_consent_is_as_its_last_act_says_and_every_act_that_changes_it_is_kept_once(acts: list[str | None]) -> None:
    kept, model = Given(), [None]
    for each in acts:
        if each is not None:
            asked = Consent("cus-1", "par-1:position", each, given=True, at=NOW, by="cus-1", account_id="acc-1")
            give(asked, "lnk_1", consents=kept, commit=Commits())  # type: ignore[arg-type]
        elif kept.acts:
            how = {"by": "cus-1", "consents": kept, "now": NOW, "commit": Commits()}
            withdraw("cus-1", "par-1:position", **how)  # type: ignore[arg-type]
        else:
            continue
        if each != model[-1]:
            model.append(each)

    assert [each.version if each.given else None for each in kept.acts] == model[1:]
    assert [each.revision for each in kept.acts] == [*range(1, len(kept.acts) + 1)]


@given(st.lists(st.sampled_from(["1", "2", None]), max_size=12))
def test_a_link_keeps_its_name_for_as_long_as_it_is_given_and_never_has_an_earlier_one(acts: list[str | None]) -> None:
    """Another version of its text is no other link; a withdrawn one has no name, and its next one is new."""
    kept, fresh, stretches = Given(), iter(range(99)), [set[str | None]()]
    for each in acts:
        if each is not None:
            asked = Consent("cus-1", link_of("par-1"), each, given=True, at=NOW, by="cus-1", account_id="acc-1")
            stretches[-1].add(give(asked, f"lnk_{next(fresh)}", consents=kept, commit=Commits()).known_as)  # type: ignore[arg-type]
        elif kept.acts:
            how = {"by": "cus-1", "consents": kept, "now": NOW, "commit": Commits()}
            assert withdraw("cus-1", link_of("par-1"), **how).known_as is None  # type: ignore[arg-type]
            stretches.append(set())

    used = [each for each in stretches if each]
    assert None not in set[str | None]().union(*used)
    assert [len(each) for each in used] == [1] * len(used)
    assert len(set[str | None]().union(*used)) == len(used)


def test_what_is_agreed_to_for_another_purpose_has_no_name() -> None:
    asked = Consent("cus-1", "par-1:position", "1", given=True, at=NOW, by="cus-1", account_id="acc-1")
    assert give(asked, "lnk_1", consents=Given(), commit=Commits()).known_as is None  # type: ignore[arg-type]


def test_what_was_never_given_cannot_be_withdrawn() -> None:
    how = {"by": "cus-1", "consents": Given(), "now": NOW, "commit": Commits()}
    with pytest.raises(UnknownConsent):
        withdraw("cus-1", "par-1:position", **how)  # type: ignore[arg-type]
