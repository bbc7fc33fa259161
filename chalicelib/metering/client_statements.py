"""Statements: single writes in PartiQL, twenty-five in a request, each on its own condition and told by itself.

A put of its own is mostly the price of its request. Of statements, one request is signed, sent and read for many; what
DynamoDB could not do of them just then is asked again, as what it gives back of a batch is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import Final

from msgspec import DecodeError

from chalicelib.metering.client_bodies import (
    Failing,
    Statement,
    StatementsAsked,
    StatementsSaid,
    encode,
    read_statements,
)
from chalicelib.metering.client_calls import Call, Calls
from chalicelib.metering.client_errors import (
    ClientError,
    ConditionFailedError,
    ContendedError,
    RefusedError,
    UnansweredError,
)
from chalicelib.metering.client_retries import Trouble

MOST_STATEMENTS: Final = 25
_PASSING: Final = MappingProxyType(
    {
        "InternalServerError": Trouble.TRANSIENT,
        "ProvisionedThroughputExceeded": Trouble.THROTTLED,
        "RequestLimitExceeded": Trouble.THROTTLED,
        "ThrottlingError": Trouble.THROTTLED,
    }
)
"""A statement has codes of its own, which are not those of requests."""
_LASTING: Final = MappingProxyType(
    {
        "ConditionalCheckFailed": ConditionFailedError,
        "DuplicateItem": ConditionFailedError,
        "TransactionConflict": ContendedError,
    }
)
_BROKEN: Final = "InternalServerError"


class _PassingError(UnansweredError):
    """Was not done just then, and may be asked again."""


def carried_out(
    statements: Sequence[Statement], calls: Calls, run: Callable[[Sequence[Call], float], None], ends: float
) -> list[ClientError | None]:
    """None for each that was done, in the order given; else why not. At most one for a key.

    What passes is asked again as often as a call is, counted from the last time that any of it was done.
    """
    became: list[ClientError | None] = [None] * len(statements)
    waiting: Sequence[int] = range(len(statements))
    doubtful: set[int] = set()
    attempt, taken = 0, 0
    while waiting:
        parts = [waiting[at : at + MOST_STATEMENTS] for at in range(0, len(waiting), MOST_STATEMENTS)]
        sent = [_call([statements[number] for number in part]) for part in parts]
        run(sent, ends)
        for call, part in zip(sent, parts, strict=True):
            for number, error in _told(call, part, doubtful):
                became[number] = error
        again = [number for number in waiting if isinstance(became[number], _PassingError)]
        if len(again) < len(waiting):
            calls.quota.give(taken)
            attempt = 0
        if not again:
            break
        attempt += 1
        trouble = _worst(became[number] for number in again)
        delay = calls.delay(attempt, trouble)
        if delay is None or not calls.paused(delay, ends):
            break
        taken, waiting = calls.quota.COSTS[trouble], again
    return became


def _call(statements: Sequence[Statement]) -> Call:
    def read(body: bytes) -> StatementsSaid:
        said = read_statements(body)
        if len(said.responses) != len(statements):
            raise DecodeError(f"{len(said.responses)} answers to {len(statements)} statements")
        return said

    return Call("BatchExecuteStatement", encode(StatementsAsked(statements=statements)), read)


def _told(call: Call, part: Sequence[int], doubtful: set[int]) -> Iterator[tuple[int, ClientError | None]]:
    """What became of each statement of a request; `doubtful` are those that may have been done by an attempt before."""
    if call.uncertain:
        doubtful.update(part)
    if call.failed is not None:
        yield from ((number, call.failed) for number in part)
        return
    said: StatementsSaid = call.said
    for number, each in zip(part, said.responses, strict=True):
        yield number, None if each.error is None else _error_of(each.error, number, doubtful)


def _error_of(failing: Failing, number: int, doubtful: set[int]) -> ClientError:
    code = failing.code
    if code == _BROKEN:
        doubtful.add(number)
    kind = _PassingError if code in _PASSING else _LASTING.get(code, RefusedError)
    return kind(code, failing.message, uncertain=number in doubtful)


def _worst(errors: Iterable[ClientError | None]) -> Trouble:
    """Throttling, if any of them was throttled."""
    throttled = any(each is not None and _PASSING[each.code] is Trouble.THROTTLED for each in errors)
    return Trouble.THROTTLED if throttled else Trouble.TRANSIENT
