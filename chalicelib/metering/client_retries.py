"""What is tried again, when, and how often: the rules of botocore's standard mode for DynamoDB."""

import threading
from collections.abc import Callable
from enum import Enum
from typing import Final, NamedTuple

ATTEMPTS: Final = 4
TRANSIENT_STATUSES: Final = frozenset({500, 502, 503, 504})
TRANSIENT_CODES: Final = frozenset(
    {"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", "ReplicatedWriteConflictException"}
)
THROTTLING_CODES: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    }
)
STATED_CODES: Final = frozenset(
    {
        "ConditionalCheckFailedException",
        "InternalServerError",
        "ItemCollectionSizeLimitExceededException",
        "ReplicatedWriteConflictException",
        "ResourceNotFoundException",
        "TransactionConflictException",
    }
)
"""They mean what they say, even under the status 429."""
EXPIRED_CODES: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
SKEW_CODES: Final = frozenset(
    {
        "RequestTimeTooSkewed",
        "RequestExpired",
        "RequestInTheFuture",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)
SKEW_SECONDS: Final = 240
"""DynamoDB forgives five minutes; below four, the clock is not why a signature was refused."""
_TOO_MANY: Final = 429


class Trouble(Enum):
    """Whether it passes, and how long that may take."""

    LASTING = "lasting"
    TRANSIENT = "transient"
    THROTTLED = "throttled"


def trouble_of(status: int, code: str) -> Trouble:
    """What an answer other than success says about trying again."""
    if code in THROTTLING_CODES:
        return Trouble.THROTTLED
    if status == _TOO_MANY and code not in STATED_CODES:
        return Trouble.THROTTLED
    if code in TRANSIENT_CODES or status in TRANSIENT_STATUSES:
        return Trouble.TRANSIENT
    return Trouble.LASTING


class Retrying(NamedTuple):
    """How patient a client is. The defaults are botocore's."""

    attempts: int = ATTEMPTS
    first: float = 0.025
    first_throttled: float = 1.0
    longest: float = 20.0
    most_above: float = 5.0

    def delay(self, attempt: int, trouble: Trouble, chance: float, asked: float | None = None) -> float:
        """Seconds to wait after so many attempts: full jitter, doubling; DynamoDB may ask for up to 5 more."""
        first = self.first_throttled if trouble is Trouble.THROTTLED else self.first
        jittered = chance * min(first * 2.0 ** (attempt - 1), self.longest)
        return jittered if asked is None else max(jittered, min(asked, jittered + self.most_above))


class Quota:
    """Retries that all calls of a client have left together, so that a broken table is not stormed."""

    MOST: Final = 500
    COSTS: Final = {Trouble.TRANSIENT: 14, Trouble.THROTTLED: 5}
    EARNED: Final = 1

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._left = most
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """What is left just now."""
        return self._left

    def take(self, trouble: Trouble) -> int:
        """What the retry costs; 0 if it cannot be paid."""
        cost = self.COSTS[trouble]
        with self._lock:
            if cost > self._left:
                return 0
            self._left -= cost
            return cost

    def give(self, taken: int) -> None:
        """A success gives back what the call's last retry cost, or earns one."""
        if self._left != self._most:
            with self._lock:
                self._left = min(self._most, self._left + (taken or self.EARNED))


class Surroundings(NamedTuple):
    """What a client does not take by itself: `time.time`, `time.monotonic`, `time.sleep`, `random.random`."""

    wall: Callable[[], float]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    random: Callable[[], float]
