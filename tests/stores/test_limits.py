"""What a start checks, as DynamoDB keeps it: what was shown, consents, limits with the sessions open under them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.agreed import Agreed
from chalicelib.access.errors import ConsentMissing, EligibilityMissing, LimitsMoved
from chalicelib.access.limit_store import BOUND, LIMITED, LimitStore
from chalicelib.access.limits import Budget, Limits, LimitsNow
from chalicelib.customers.consent import Consent
from chalicelib.customers.eligibility import Checked
from chalicelib.customers.errors import ConsentChanged, ShownMeanwhile
from chalicelib.customers.store import ConsentStore, ShownStore
from chalicelib.kernel.money import Money
from chalicelib.kernel.requirement import Requirement, Shown
from chalicelib.kernel.time import format_instant
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction
from tests.stores.riding import MAY, record, session, sessions

pytestmark = pytest.mark.stores
NOW = datetime(2021, 5, 31, 20, 0, tzinfo=UTC)
DAY = timedelta(days=1)
AGE = Checked("cus-1", "acc-1", Shown.AGE, "verifier", NOW, NOW + DAY, at_least=18)
LICENCE = Checked("cus-1", "acc-1", Shown.DRIVING_LICENCE, "verifier", NOW, NOW + DAY, details=("AM", "B"))
HOME = Checked("cus-1", "acc-1", Shown.RESIDENT, "verifier", NOW, NOW + DAY, details=("FI", "FI-091"))
CONSENT = Consent("cus-1", "par-1:position", "1", given=True, at=NOW, by="cus-1", account_id="acc-1")
LIMITS = Limits(2, Budget(Money(1000, "EUR")), Budget(Money(9900, "EUR"), hard=False))
shows, consents, limits = ShownStore(), ConsentStore(), LimitStore()


def something() -> list[object]:
    """A write for a check to restrict."""
    return [message("x", "y", {}, NOW)]


def written() -> bool:
    return MessageRecord.find("x#y", "message") is not None


def test_what_was_shown_comes_back_as_it_was(commit: Transaction) -> None:
    for each in (AGE, LICENCE, HOME):
        commit(shows.showing(each, NOW), None)

    assert [shows.shown("cus-1", each) for each in (Shown.AGE, Shown.STUDENT)] == [AGE, None]
    assert shows.all_shown("cus-1") == [AGE, LICENCE, HOME]
    assert shows.all_shown("cus-2") == []


def test_what_was_shown_is_not_replaced_by_something_older(commit: Transaction) -> None:
    commit(shows.showing(AGE, NOW), None)
    newer = replace(AGE, checked_at=NOW + DAY, valid_until=NOW + 9 * DAY)
    commit(shows.showing(newer, NOW), None)
    with pytest.raises(ShownMeanwhile):
        commit(shows.showing(AGE, NOW), None)

    assert shows.shown("cus-1", Shown.AGE) == newer


@pytest.mark.parametrize(
    ("text", "now", "holds"),
    [
        ("age:18", NOW, True),
        ("age:17", NOW, True),
        ("age:19", NOW, False),
        ("age:18", NOW + DAY - timedelta(microseconds=1), True),
        ("age:18", NOW + DAY, False),
        ("driving_licence", NOW, True),
        ("driving_licence:B", NOW, True),
        ("driving_licence:C", NOW, False),
        ("resident:FI", NOW, True),
        ("resident:FI-049", NOW, False),
        ("identity", NOW, False),
    ],
)
def test_nothing_is_written_unless_enough_was_shown_and_is_good(
    commit: Transaction, text: str, now: datetime, *, holds: bool
) -> None:
    for each in (AGE, LICENCE, HOME):
        commit(shows.showing(each, NOW), None)
    check = shows.has_shown("cus-1", Requirement.parse(text), now, EligibilityMissing(requires=text))
    if not holds:
        with pytest.raises(EligibilityMissing):
            commit([check, *something()], None)
    else:
        commit([check, *something()], None)

    assert written() == holds


def test_a_consent_comes_back_with_its_history_and_is_changed_once(commit: Transaction) -> None:
    withdrawn = replace(CONSENT, given=False, at=NOW + DAY, revision=2)
    commit(consents.changing(CONSENT), None)
    commit(consents.changing(withdrawn), None)
    for again in (CONSENT, withdrawn):
        with pytest.raises(ConsentChanged):
            commit(consents.changing(again), None)

    assert consents.consent("cus-1", CONSENT.purpose) == withdrawn
    assert consents.consents("cus-1") == [withdrawn]
    assert consents.history("cus-1", CONSENT.purpose) == [CONSENT, withdrawn]
    assert consents.history("cus-1", "par-1:pos") == []


@pytest.mark.parametrize(
    ("stored", "holds"),
    [(CONSENT, True), (replace(CONSENT, version="2"), False), (replace(CONSENT, given=False), False)],
)
def test_nothing_is_written_without_the_consent_in_its_version(
    commit: Transaction, stored: Consent, *, holds: bool
) -> None:
    commit(consents.changing(stored), None)
    check = consents.has_agreed("cus-1", CONSENT.purpose, "1", ConsentMissing(purpose=CONSENT.purpose))
    if not holds:
        with pytest.raises(ConsentMissing):
            commit([check, *something()], None)
    else:
        commit([check, *something()], None)

    assert written() == holds


def test_limits_come_back_as_they_were_set_and_each_change_moves_the_turn(commit: Transaction) -> None:
    assert limits.find("acc-1") == LimitsNow()
    commit([limits.setting("acc-1", LIMITS)], None)
    assert limits.find("acc-1") == LimitsNow(LIMITS, frozenset(), 1)
    commit([limits.setting("acc-1", Limits())], None)

    assert limits.find("acc-1") == LimitsNow(Limits(), frozenset(), 2)


def test_it_is_kept_when_limits_of_any_kind_were_set_last_and_on_which_turn(commit: Transaction) -> None:
    commit([limits.setting("acc-1", LIMITS)], None)
    commit([limits.moving("acc-1", 1)], None)
    commit([limits.setting("acc-1", LIMITS, NOW)], None)
    assert limits.find("acc-1") == LimitsNow(LIMITS, frozenset(), 3, set_at=NOW, set_turn=3)
    commit(limits.others_set("acc-1", NOW + DAY), None)
    assert limits.find("acc-1") == LimitsNow(LIMITS, frozenset(), 4, set_at=NOW + DAY, set_turn=4)

    commit(limits.others_set("acc-2", NOW), None)
    assert limits.find("acc-2") == LimitsNow(turn=1, set_at=NOW, set_turn=1)
    said = MessageRecord.find(f"{LIMITED}#acc-1#{format_instant(NOW + DAY)}", "message")
    assert said is not None
    assert said.body == {"account_id": "acc-1", "at": format_instant(NOW + DAY)}


def test_no_more_are_open_than_may_be_and_an_end_makes_room(commit: Transaction) -> None:
    commit([limits.setting("acc-1", Limits(most_open=2))], None)
    for number in (1, 2):
        begun = session(number, asset_id=f"bike-{number}")
        commit([*sessions.starting(begun, 1), *limits.starting(begun, 0, NOW)], None)
    for full in (limits.starting(session(3), 0, NOW), [limits.reserving(session(3), 0)]):
        with pytest.raises(LimitsMoved):
            commit([*full, *something()], None)
    assert not written()
    commit(sessions.ending(record(session(1, asset_id="bike-1")), MAY), None)

    assert limits.find("acc-1").opened == {"ses-2"}
    commit(limits.starting(session(3), 0, NOW), None)
    assert limits.find("acc-1").opened == {"ses-2", "ses-3"}


def test_who_allows_none_starts_none(commit: Transaction) -> None:
    commit([limits.setting("acc-1", Limits(most_open=0))], None)

    with pytest.raises(LimitsMoved):
        commit(limits.starting(session(), 0, NOW), None)


def test_under_a_budget_a_start_goes_by_the_turn_at_which_it_was_looked_at(commit: Transaction) -> None:
    commit([limits.setting("acc-1", LIMITS)], None)
    for turn in (0, 2):
        with pytest.raises(LimitsMoved):
            commit(limits.starting(session(), turn, NOW), None)
    commit([limits.reserving(session(), 1), *something()], None)
    assert limits.find("acc-1") == LimitsNow(LIMITS, frozenset(), 2, frozenset({"ses-1"}))
    commit(limits.starting(session(), 2, NOW), None)

    assert limits.find("acc-1") == LimitsNow(LIMITS, frozenset({"ses-1"}), 3)
    with pytest.raises(LimitsMoved):
        commit(limits.starting(session(2), 2, NOW), None)


def test_without_a_budget_the_turn_does_not_matter(commit: Transaction) -> None:
    for number in (1, 2):
        commit(limits.starting(session(number), 7, NOW), None)

    assert limits.find("acc-1") == LimitsNow(Limits(), frozenset({"ses-1", "ses-2"}), 2)
    assert limits.find("acc-2") == LimitsNow()


def test_a_session_with_a_bound_is_said_to_the_worker(commit: Transaction) -> None:
    commit(limits.starting(session(1), 0, NOW), None)
    commit(limits.starting(replace(session(2), agreed=Agreed(bound=Money(500, "EUR"))), 0, NOW), None)

    said = [MessageRecord.find(f"{BOUND}#ses-{number}", "message") for number in (1, 2)]
    assert [each and each.body for each in said] == [None, {"session_id": "ses-2"}]


def test_what_was_never_counted_is_ended_all_the_same(commit: Transaction) -> None:
    commit(sessions.starting(session(), 1), None)
    commit(sessions.ending(record(session()), MAY), None)

    assert limits.find("acc-1") == LimitsNow()
