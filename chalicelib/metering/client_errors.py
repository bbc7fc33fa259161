"""What can become of a call. The store turns these into refusals of the domain; nothing else sees them.

ClientError               how often it was tried, and whether a write may have been applied (`uncertain`)
├── ConditionFailedError  the stored item is another than the condition asks for; it comes along
├── ContendedError        a transaction holds the item just now; nothing was written: read again, then try again
├── UnansweredError       tries, retry quota or time are used up: later perhaps (the store: `Unavailable`)
│   └── UnprocessedError  as above, for a part of a batch; what is left comes along
├── RefusedError          the table says no for good: malformed, not allowed, not there
└── NoCredentialsError    nothing to sign with
"""

from collections.abc import Mapping, Sequence


class ClientError(Exception):
    """A call failed.

    `uncertain`: an attempt of this call was sent and got no trustworthy answer, so that a write may have been applied.
    """

    def __init__(self, code: str, message: str = "", *, attempts: int = 0, uncertain: bool = False) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.attempts = attempts
        self.uncertain = uncertain


class ConditionFailedError(ClientError):
    """The condition does not hold for the stored `item` (None: there is none).

    If it is also `uncertain`, the stored item may be this call's own: compare before reporting a conflict.
    """

    item: Mapping[str, object] | None = None


class ContendedError(ClientError):
    """A transaction is about to change the item; this write was not applied."""


class UnansweredError(ClientError):
    """No answer that settles it within the attempts, the retry quota and the deadline."""


class UnprocessedError(UnansweredError):
    """DynamoDB kept giving back a part of a batch; what is not in `left` was done or read."""

    def __init__(self, left: Sequence[Mapping[str, object]], found: Sequence[Mapping[str, object]] = ()) -> None:
        super().__init__("Unprocessed", f"{len(left)} left")
        self.left = left
        self.found = found


class RefusedError(ClientError):
    """Trying again would not help. Of a transaction, `reasons` says so for each of its writes."""

    reasons: Sequence[Mapping[str, object]] = ()


class NoCredentialsError(ClientError):
    """There are no credentials, or they could not be renewed."""
