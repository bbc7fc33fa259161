"""`Idempotency-Key`: an act and its answer exist together, so a repeat gets the first answer and does nothing.

Nothing is read before the act: the answer is written in the act's own transaction on condition that the key is new.
When that, or anything else, is refused, the answer saved under the key is looked up and given again.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.edge.refusals import Malformed
from chalicelib.kernel.errors import Conflict, Invalid
from chalicelib.kernel.ids import digest
from chalicelib.kernel.writes import Commit, Outcome, Write

KEPT = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class IdempotencyKeyMissing(Malformed):
    """This request needs an Idempotency-Key of 1 to 255 visible characters."""


class IdempotencyKeyReused(Invalid):
    """The Idempotency-Key was used with another request."""


class AlreadyAnswered(Conflict):
    """The request with this Idempotency-Key was done already."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A saved answer, and the digest of the request that it answered."""

    request: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Under what an answer is saved: the caller and the key, hashed; and what was asked."""

    key: str
    stored_as: str
    request: str

    @classmethod
    def of(cls, header: str | None, *, caller: str, what: Sequence[str], body: bytes) -> "RequestKey":
        """From the header; `what` is method, route and path parameters."""
        if header is None or not _KEY.fullmatch(header):
            raise IdempotencyKeyMissing
        asked = digest([*what, hashlib.sha256(body).hexdigest()])
        return cls(header, digest([caller, header]), asked)


@dataclass(frozen=True, slots=True)
class SavingCommit:
    """A `Commit` that saves the answer, made of the act's outcome, in the act's transaction."""

    inner: Commit
    key: RequestKey
    status: int
    encode: Callable[[object], bytes]
    saving: Callable[[RequestKey, Answer, datetime], Write]
    expires: datetime

    def __call__(self, writes: Sequence[Write], outcome: Outcome) -> Outcome:
        """All writes and the answer, or nothing."""
        answer = Answer(self.key.request, self.status, self.encode(outcome))
        return self.inner([*writes, self.saving(self.key, answer, self.expires)], outcome)


def replay(key: RequestKey, saved: Answer | None) -> Answer | None:
    """The saved answer to the same request, if there is one; another request under the key is refused."""
    if saved is not None and saved.request != key.request:
        raise IdempotencyKeyReused
    return saved
