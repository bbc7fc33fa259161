"""What is wrong with an operator's file."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Fault:
    """One place of the file, as a JSON pointer, and what is wrong there."""

    pointer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.reason}" if self.pointer else self.reason


class OperatorFileError(ValueError):
    """The file cannot be loaded; it names every fault that was found."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(f"{name}: {fault}" for fault in faults))
        self.faults = tuple(faults)


def faults_of(refusal: Refusal, pointer: str) -> list[Fault]:
    """What a rule refused of the part of the file that begins at `pointer`."""
    errors = refusal.facts.get("errors")
    if isinstance(errors, list):
        return [Fault(pointer + each["pointer"], each["reason"]) for each in errors]
    facts = dict(refusal.facts)
    inner = str(facts.pop("pointer", ""))
    told = facts.pop("reason", None)
    words = " ".join([type(refusal).__name__, *(f"{name}={value}" for name, value in facts.items())])
    return [Fault(pointer + inner, str(told) if told is not None and not facts else f"{words} {told or ''}".strip())]


def faults_told(body: object, pointer: str, within: str = "") -> list[Fault]:
    """What a door refused of it, as it told in its problem; the part stood `within` a member of what was sent."""
    if not isinstance(body, dict):
        return [Fault(pointer, str(body))]
    facts = body.get("facts") or {}
    errors = body.get("errors") or facts.get("errors")
    if isinstance(errors, list) and errors:
        return [
            Fault(pointer + str(each.get("pointer", "")).removeprefix(within), str(each.get("reason")))
            for each in errors
        ]
    reason = facts.get("reason")
    told = f"{body.get('title')} ({body.get('code')})" + (f": {reason}" if reason else "")
    return [Fault(pointer + str(body.get("pointer") or "").removeprefix(within), told)]
