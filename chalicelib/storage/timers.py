"""Timers: something to be done at an instant, said in the transaction of the act that asks for it.

A worker sets it as a schedule of EventBridge's that fires once; what it starts may be started twice, and late by a
minute or two, so whoever is called acts as of the timer's instant, and only if that is still what is wished.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put

SET = "timer.set"
_NAME_DIGITS = 48


@dataclass(frozen=True, slots=True)
class Timer:
    """At the instant, the topic is told the facts. The same timer has the same name, whoever sets it and how often."""

    at: datetime
    topic: str
    facts: Mapping[str, str]

    @property
    def name(self) -> str:
        """Hexadecimal digits."""
        said = json.dumps([format_instant(self.at), self.topic, sorted(self.facts.items())])
        return hashlib.sha256(said.encode()).hexdigest()[:_NAME_DIGITS]

    @property
    def told(self) -> Mapping[str, str]:
        """The facts, and the instant."""
        return {**self.facts, "at": format_instant(self.at)}

    def document(self) -> dict[str, str]:
        """As a message carries it."""
        return {"at": format_instant(self.at), "topic": self.topic, "facts": json.dumps(dict(self.facts))}


def timer_of(document: Mapping[str, str]) -> Timer:
    """The timer of a message."""
    return Timer(parse_instant(document["at"]), document["topic"], json.loads(document["facts"]))


def setting(timer: Timer, now: datetime) -> Put:
    """Have a worker set it."""
    return message(SET, timer.name, timer.document(), now)


def _second_after(at: datetime) -> str:
    """No second before the instant."""
    whole = -(-at.timestamp() // 1)
    return datetime.fromtimestamp(whole, UTC).replace(tzinfo=None).isoformat()


class Scheduler:
    """One-shot schedules of EventBridge Scheduler, in the group of the stage; each is gone once it has fired."""

    def __init__(self, group: str, target: str, role: str, failures: str) -> None:
        self._group, self._target, self._role, self._failures = group, target, role, failures
        self._client: Any = None

    def set(self, timer: Timer) -> None:
        """Set again, it is the same one. Its precision is a minute: seconds are given, and not promised."""
        client = self._made()
        target = {"Arn": self._target, "RoleArn": self._role, "Input": json.dumps(timer.document())}
        try:
            client.create_schedule(
                Name=timer.name,
                GroupName=self._group,
                ScheduleExpression=f"at({_second_after(timer.at)})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={**target, "DeadLetterConfig": {"Arn": self._failures}},
            )
        except client.exceptions.ConflictException:
            return

    def _made(self) -> Any:  # noqa: ANN401 -- boto3 publishes no types
        if self._client is None:
            import boto3  # noqa: PLC0415 -- made when needed: most messages set no timer

            self._client = boto3.client("scheduler")
        return self._client
