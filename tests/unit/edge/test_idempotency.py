"""An act and its answer exist together: a repeat gets the first answer, another request under the key is refused."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edge.idempotency import (
    AlreadyAnswered,
    Answer,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    RequestKey,
    SavingCommit,
    replay,
)
from chalicelib.kernel.errors import Conflict
from tests.unit.memory import Commits, InMemory, write

NOW = datetime(2021, 6, 1, tzinfo=UTC)


def key(
    header: str | None = "key-1",
    *,
    caller: str = "mobile:sub-1",
    what: tuple[str, ...] = ("POST", "/v1/quotes"),
    body: bytes = b"{}",
) -> RequestKey:
    return RequestKey.of(header, caller=caller, what=what, body=body)


@dataclass
class Desk:
    """Acts that count, with their answers."""

    acts: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    inner: Commits = field(default_factory=Commits)

    def saving(self, of: RequestKey, answer: Answer, _expires: datetime) -> InMemory:
        return write(
            AlreadyAnswered(),
            lambda: self.answers.update({of.stored_as: answer}),
            holds=lambda: of.stored_as not in self.answers,
        )

    def act(self, of: RequestKey, *, holds: bool = True) -> bytes:
        """As a door does it: act; if that is refused, look for the answer that was saved."""

        def count() -> None:
            self.acts += 1

        commit = SavingCommit(self.inner, of, 201, lambda outcome: f"{outcome}".encode(), self.saving, NOW)
        try:
            return str(commit([write(Conflict(), count, holds=lambda: holds)], f"act {self.acts + 1}")).encode()
        except Conflict:
            saved = replay(of, self.answers.get(of.stored_as))
            if saved is None:
                raise
            return saved.body


def test_a_repeat_gets_the_first_answer_and_does_nothing() -> None:
    desk = Desk()

    assert [desk.act(key()) for _ in range(3)] == [b"act 1"] * 3
    assert desk.acts == 1


def test_a_repeat_of_an_act_that_is_no_longer_possible_gets_its_answer_too() -> None:
    desk = Desk()
    first = desk.act(key())

    assert desk.act(key(), holds=False) == first


def test_an_act_that_was_refused_saves_no_answer_and_may_be_tried_again() -> None:
    desk = Desk()
    with pytest.raises(Conflict):
        desk.act(key(), holds=False)

    assert desk.answers == {}
    assert desk.act(key()) == b"act 1"


@pytest.mark.parametrize("other", [{"body": b'{"a":1}'}, {"what": ("POST", "/v1/access-sessions")}])
def test_the_same_key_with_another_request_is_refused(other: dict[str, object]) -> None:
    desk = Desk()
    desk.act(key())
    with pytest.raises(IdempotencyKeyReused):
        desk.act(key(**other))  # type: ignore[arg-type]

    assert desk.acts == 1


def test_two_callers_may_use_the_same_key() -> None:
    desk = Desk()
    desk.act(key())
    desk.act(key(caller="mobile:sub-2"))
    desk.act(key("key-2"))

    assert desk.acts == 3


@pytest.mark.parametrize("header", [None, "", "x" * 256, "a b", "key\n", "ключ", "\x7f"])
def test_a_key_is_1_to_255_visible_characters(header: str | None) -> None:
    with pytest.raises(IdempotencyKeyMissing):
        key(header)


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_what_is_stored_tells_caller_and_key_apart(one: str, other: str, first: str, second: str) -> None:
    """
    Nobody reaches another's answer by moving a character from the key into the name.
    """
    mine = RequestKey.of("k", caller=one, what=[first], body=b"")
    theirs = RequestKey.of("k", caller=other, what=[second], body=b"")

    assert (mine.stored_as == theirs.stored_as) == (one == other)
    assert (mine.request == theirs.request) == (first == second)
