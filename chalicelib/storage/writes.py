"""Conditional writes as values, and the transaction that commits them: all or none."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pynamodb.exceptions import DeleteError, PutError, PynamoDBException, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.kernel.errors import Refusal, TooMuch, Unavailable
from chalicelib.kernel.writes import Outcome, Write
from chalicelib.storage import deadline
from chalicelib.storage.record import Record

MAX_WRITES = 100
_TRIES = 6
_FIRST_PAUSE = 0.02
_FAILED_CONDITION = ("ConditionalCheckFailed", "ConditionalCheckFailedException")
_PASSING = (
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingError",
    "ThrottlingException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
)
_FAILED_ITSELF = ("InternalServerError", "InternalFailure", "ServiceUnavailable")


class Busy(Unavailable):
    """The data is being changed by others just now; nothing was changed, try again."""


class TooManyWrites(TooMuch):
    """One act may write at most 100 items."""


@dataclass(frozen=True)
class Put:
    """Store a whole item, if the condition holds."""

    record: Record
    otherwise: Refusal
    condition: Condition | None = None

    order = 2

    def into(self, transaction: TransactWrite) -> None:
        """Add it to a transaction."""
        transaction.save(self.record, self.condition)

    def alone(self) -> None:
        """Write it by itself, at half the price."""
        self.record.save(self.condition)


@dataclass(frozen=True)
class Change:
    """Change attributes of an item, if the condition holds."""

    record: Record
    actions: list[Action]
    otherwise: Refusal
    condition: Condition | None = None

    order = 3

    def into(self, transaction: TransactWrite) -> None:
        """Add it to a transaction."""
        transaction.update(self.record, self.actions, self.condition)

    def alone(self) -> None:
        """Write it by itself, at half the price."""
        self.record.update(self.actions, self.condition)


@dataclass(frozen=True)
class Remove:
    """Remove an item, if the condition holds."""

    record: Record
    otherwise: Refusal
    condition: Condition | None = None

    order = 1

    def into(self, transaction: TransactWrite) -> None:
        """Add it to a transaction."""
        transaction.delete(self.record, self.condition)

    def alone(self) -> None:
        """Write it by itself, at half the price."""
        self.record.delete(self.condition)


@dataclass(frozen=True)
class Check:
    """Write nothing, but let nothing be written unless the condition holds for this item."""

    model: type[Record]
    key: tuple[str, str]
    condition: Condition
    otherwise: Refusal

    order = 0

    def into(self, transaction: TransactWrite) -> None:
        """Add it to a transaction."""
        transaction.condition_check(self.model, *self.key, condition=self.condition)

    def alone(self) -> None:
        """A check alone restricts nothing."""
        raise ValueError("a check belongs to an act that writes")


_Each = Put | Change | Remove | Check


def _pause(attempt: int) -> None:
    """Full jitter, doubling: conflicting writers spread out."""
    time.sleep(random.uniform(0, _FIRST_PAUSE * 2**attempt))  # noqa: S311 -- spreads retries, guards nothing


@dataclass(frozen=True)
class Transaction:
    """Commits writes: one by itself, several in one TransactWriteItems. Satisfies `kernel.writes.Commit`."""

    pause: Callable[[int], None] = field(default=_pause)

    def __call__(self, writes: Sequence[Write], outcome: Outcome) -> Outcome:
        """All writes or none; then `outcome`. Raises the first failed write's `otherwise`, or `Busy`."""
        ordered = sorted((_known(write) for write in writes), key=lambda write: write.order)
        if len(ordered) > MAX_WRITES:
            raise TooManyWrites(writes=len(ordered))
        for attempt in range(_TRIES):
            failed = _attempt(ordered)
            if failed is None:
                return outcome
            refused = [write.otherwise for write in writes if any(write is each for each in failed)]
            if refused:
                raise refused[0]
            self.pause(attempt)
            if deadline.is_over():
                break
        raise Busy


def _known(write: Write) -> _Each:
    if not isinstance(write, _Each):
        raise TypeError(f"not a write of storage: {write!r}")
    return write


def _attempt(ordered: Sequence[_Each]) -> list[_Each] | None:
    """None when done; else the writes whose conditions failed (none of them: a passing trouble, worth another try)."""
    try:
        if len(ordered) == 1:
            ordered[0].alone()
        elif ordered:
            with TransactWrite(connection=ordered_connection(ordered)) as transaction:
                for write in ordered:
                    write.into(transaction)
    except TransactWriteError as error:
        return _failed(ordered, error)
    except (PutError, UpdateError, DeleteError) as error:
        return _failed_alone(ordered, error)
    return None


def ordered_connection(writes: Sequence[_Each]) -> Any:  # noqa: ANN401 -- pynamodb's connection, which it types loosely
    """The connection that the writes' records share."""
    first = writes[0]
    model = first.model if isinstance(first, Check) else type(first.record)
    return model._get_connection().connection  # noqa: SLF001 -- pynamodb offers no public way to it


def _failed(ordered: Sequence[_Each], error: TransactWriteError) -> list[_Each]:
    codes = [reason.code if reason else None for reason in error.cancellation_reasons]
    failed = [write for write, code in zip(ordered, codes, strict=False) if code in _FAILED_CONDITION]
    if failed or any(code in _PASSING for code in codes) or _code(error) in _PASSING:
        return failed
    raise error


def _failed_alone(ordered: Sequence[_Each], error: PynamoDBException) -> list[_Each]:
    if _code(error) in _FAILED_CONDITION:
        return list(ordered)
    if _code(error) in _PASSING:
        return []
    raise error


def unanswered(error: PynamoDBException) -> bool:
    """Whether a read may go well the next time: there was silence, too many asked, or DynamoDB failed itself."""
    code = _code(error)
    return code is None or code in _PASSING or code in _FAILED_ITSELF


def _code(error: PynamoDBException) -> str | None:
    """What DynamoDB answered; None if it did not (pynamodb's own property stumbles over a timeout)."""
    return error.cause_response_code if getattr(error.cause, "response", None) else None
