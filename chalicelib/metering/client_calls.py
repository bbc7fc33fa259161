"""Carries calls to DynamoDB until each is settled: several at once on connections of their own, in one thread."""

import ssl
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple
from zlib import crc32

from msgspec import DecodeError

from chalicelib.metering.client_bodies import read_fault
from chalicelib.metering.client_credentials import Credentials, KeyRing
from chalicelib.metering.client_errors import (
    ClientError,
    ConditionFailedError,
    ContendedError,
    NoCredentialsError,
    RefusedError,
    UnansweredError,
)
from chalicelib.metering.client_retries import (
    EXPIRED_CODES,
    SKEW_CODES,
    SKEW_SECONDS,
    Quota,
    Retrying,
    Surroundings,
    Trouble,
    trouble_of,
)
from chalicelib.metering.client_signing import Keys, Signer
from chalicelib.metering.client_wire import Address, Answer, Connection, Pool, WireError
from chalicelib.storage import deadline

_OK: Final = 200
_SERVER: Final = 500
_LAST_LOOK: Final = 0.01
_CONTENDED: Final = "TransactionConflictException"
_CONDITION: Final = "ConditionalCheckFailedException"


class Timeouts(NamedTuple):
    """Seconds: to connect, to be answered, and for a call with all its retries if the caller states no deadline."""

    connect: float = 1.0
    read: float = 5.0
    call: float = 20.0


class Call:
    """One request and what has become of it. `said` is the decoded answer, `failed` why there is none."""

    __slots__ = ("attempts", "body", "excused", "failed", "operation", "read", "said", "taken", "uncertain")

    def __init__(self, operation: str, body: bytes, read: Callable[[bytes], Any]) -> None:
        self.operation = operation
        self.body = body
        self.read = read
        self.attempts = 0
        self.uncertain = False
        self.taken = 0
        self.excused: tuple[str, ...] = ()
        self.said: Any = None
        self.failed: ClientError | None = None


class _Flight(NamedTuple):
    """An attempt, under way on a connection unless it has failed already."""

    call: Call
    offset: float
    keys: Keys | None = None
    connection: Connection | None = None
    until: float = 0.0
    failure: WireError | ClientError | None = None


Begun = deque[_Flight]
"""What is under way and not read yet."""


def abandon(flights: Begun) -> None:
    """An answer that nobody reads must not be read by another call."""
    for flight in flights:
        if flight.connection is not None:
            flight.connection.close()


class _Again(NamedTuple):
    """An attempt that settled nothing."""

    trouble: Trouble
    code: str
    message: str
    asked: float | None = None


class Calls:
    """Signs, sends, reads, judges and repeats. Threads may share it."""

    def __init__(
        self,
        *,
        endpoint: str,
        region: str,
        credentials: Credentials,
        surroundings: Surroundings,
        retrying: Retrying,
        timeouts: Timeouts,
        width: int,
        tls: ssl.SSLContext | None,
    ) -> None:
        address = Address.of(endpoint)
        self._around = surroundings
        self._retrying = retrying
        self._timeouts = timeouts
        self._width = width
        self._ring = KeyRing(credentials, surroundings.wall)
        self._signer = Signer(address.header, region)
        self._pool = Pool(address, surroundings.monotonic, 2 * width, tls)
        self._offset = 0.0
        self.quota = Quota()

    def deadline(self, within: float | None = None) -> float:
        """The instant on this client's monotonic clock after so many seconds, or when the request's time is up."""
        return min(self._around.monotonic() + (self._timeouts.call if within is None else within), deadline.ends())

    def close(self) -> None:
        """Close idle connections."""
        self._pool.close()

    def begun(self, calls: Sequence[Call], ends: float) -> Begun:
        """Send as many as may be under way, and let the answers come while the caller does something else."""
        return deque(self._started(call, ends) for call in calls[: self._width])

    def run(self, calls: Sequence[Call], ends: float, flights: Begun | None = None) -> None:
        """Settle every call, in rounds; each round waits for the longest of its calls' own delays.

        `flights` are of the first of the calls, if these were begun before.
        """
        waiting = calls
        while waiting:
            again: list[Call] = []
            pause = 0.0
            with closing(self._round(waiting, ends, deque() if flights is None else flights)) as settling:
                for flight, outcome in settling:
                    wait = self._judged(flight, outcome)
                    if wait is not None:
                        again.append(flight.call)
                        pause = max(pause, wait)
            waiting, flights = again if self.paused(pause, ends) else (), None

    def paused(self, seconds: float, ends: float) -> bool:
        """Wait, if that leaves time for anything."""
        if seconds and self._around.monotonic() + seconds >= ends:
            return False
        if seconds:
            self._around.sleep(seconds)
        return True

    def delay(self, attempt: int, trouble: Trouble, asked: float | None = None) -> float | None:
        """How long to wait before the next attempt; None if there is none left. Returns with the quota paid."""
        if attempt >= self._retrying.attempts or not self.quota.take(trouble):
            return None
        return self._retrying.delay(attempt, trouble, self._around.random(), asked)

    def _round(
        self, calls: Sequence[Call], ends: float, flights: Begun
    ) -> Generator[tuple[_Flight, Answer | WireError | ClientError]]:
        """One attempt of each, at most `width` under way at a time."""
        try:
            for call in calls[len(flights) :]:
                if len(flights) >= self._width:
                    for _ in range(-(-self._width // 2)):
                        flight = flights.popleft()
                        yield flight, self._landed(flight)
                flights.append(self._started(call, ends))
            while flights:
                flight = flights.popleft()
                yield flight, self._landed(flight)
        finally:
            abandon(flights)  # if something was raised

    def _started(self, call: Call, ends: float) -> _Flight:
        call.attempts += 1
        call.failed = None
        offset, around = self._offset, self._around
        try:
            keys = self._ring.keys()
        except NoCredentialsError as error:
            return _Flight(call, offset, failure=error)
        head = self._signer.head(keys, around.wall() + offset, call.operation, call.body)
        connection = None
        now = around.monotonic()
        if now >= ends:
            return _Flight(call, offset, keys, failure=WireError("the time is used up", sent=False))
        try:
            connection = self._pool.take(min(now + self._timeouts.connect, ends))
            connection.send(head + call.body, min(now + self._timeouts.read, ends))
        except OSError as error:
            if connection is not None:
                connection.close()
            return _Flight(call, offset, keys, failure=_wire_error(error, sent=connection is not None))
        return _Flight(call, offset, keys, connection, min(around.monotonic() + self._timeouts.read, ends))

    def _landed(self, flight: _Flight) -> Answer | WireError | ClientError:
        if flight.connection is None:
            return flight.failure or WireError("not sent", sent=False)
        try:
            # what came while others were waited for is read even if the time is up
            until = max(flight.until, self._around.monotonic() + _LAST_LOOK)
            answer, reusable = flight.connection.receive(until)
        except (OSError, ValueError) as error:
            flight.connection.close()
            return _wire_error(error, sent=True)
        if reusable:
            self._pool.give(flight.connection)
        else:
            flight.connection.close()
        return answer

    def _judged(self, flight: _Flight, outcome: Answer | WireError | ClientError) -> float | None:
        """None if the call is settled, one way or the other; else the seconds to wait before its next attempt."""
        call = flight.call
        if isinstance(outcome, ClientError):
            call.failed = outcome
            return None
        if isinstance(outcome, WireError):
            call.uncertain |= outcome.sent
            again: _Again | None = _Again(Trouble.TRANSIENT, "NoAnswer", str(outcome))
        else:
            if outcome.status != _OK and self._excused(flight, outcome):
                return None if call.failed else 0.0
            again = self._settled(call, outcome)
        if again is None:
            return None
        call.failed = UnansweredError(again.code, again.message, attempts=call.attempts, uncertain=call.uncertain)
        delay = self.delay(call.attempts - len(call.excused), again.trouble, again.asked)
        if delay is not None:
            call.taken = self.quota.COSTS[again.trouble]
        return delay

    def _settled(self, call: Call, answer: Answer) -> _Again | None:
        stated = answer.header(b"x-amz-crc32") if b"x-amz-crc32" in answer.head else None
        if stated is not None and stated != b"%d" % crc32(answer.body):
            call.uncertain = True
            return _Again(Trouble.TRANSIENT, "ChecksumMismatch", "the answer was damaged on its way")
        if answer.status == _OK:
            try:
                call.said = call.read(answer.body)
            except DecodeError as error:
                call.uncertain = True
                return _Again(Trouble.TRANSIENT, "Unreadable", str(error))
            self.quota.give(call.taken)
            return None
        fault = read_fault(answer.body)
        code = fault.code or str(answer.status)
        trouble = trouble_of(answer.status, code)
        call.uncertain |= answer.status >= _SERVER
        if trouble is not Trouble.LASTING:
            return _Again(trouble, code, fault.message, _asked(answer))
        call.failed = _lasting(code)(code, fault.message, attempts=call.attempts, uncertain=call.uncertain)
        if isinstance(call.failed, ConditionFailedError):
            call.failed.item = fault.item
        if isinstance(call.failed, RefusedError):
            call.failed.reasons = fault.reasons
        return None

    def _excused(self, flight: _Flight, answer: Answer) -> bool:
        """Whether expired keys or a wrong clock were to blame; each is put right at once, once a call."""
        code = read_fault(answer.body).code
        call = flight.call
        if code in EXPIRED_CODES and "keys" not in call.excused and flight.keys is not None:
            call.excused += ("keys",)
            try:
                self._ring.renew(flight.keys)
            except NoCredentialsError as error:
                call.failed = error
            return True
        if code in SKEW_CODES and "clock" not in call.excused and self._clock_set(flight, answer):
            call.excused += ("clock",)
            return True
        return False

    def _clock_set(self, flight: _Flight, answer: Answer) -> bool:
        """Whether the next signature will bear another time: DynamoDB's own."""
        if self._offset != flight.offset:
            return True  # another call has seen to it
        try:
            theirs = parsedate_to_datetime((answer.header(b"date") or b"").decode("latin-1")).timestamp()
        except (ValueError, TypeError):
            return False
        ours = self._around.wall()
        if abs(theirs - ours - self._offset) < SKEW_SECONDS:
            return False
        self._offset = theirs - ours
        return True


def _wire_error(error: Exception, *, sent: bool) -> WireError:
    return WireError(f"{type(error).__name__}: {error}", sent=sent)


def _lasting(code: str) -> type[ClientError]:
    return {_CONDITION: ConditionFailedError, _CONTENDED: ContendedError}.get(code, RefusedError)


def _asked(answer: Answer) -> float | None:
    """Seconds that DynamoDB asks to wait, as `x-amz-retry-after` says in milliseconds."""
    stated = answer.header(b"x-amz-retry-after") or b""
    return int(stated) / 1000 if stated.isdigit() else None
