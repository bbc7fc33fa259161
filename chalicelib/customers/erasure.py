"""The erasure of an account: step by step, from any point, to where nobody can tell whose it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

WAITS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
"""After these it is looked again whether what was owed is settled; then each day."""
KEPT = timedelta(days=183)
"""So long a receipt can be read after the end; then the database removes it."""


class Step(StrEnum):
    """What is done next. The key goes last: as long as it is there, the customer can still sign in and pay.

    With the members an account of several people begins: all but its owners, who may have to pay.
    """

    MEMBERS = "members"
    FILE = "file"
    DEBTS = "debts"
    PROVIDER = "provider"
    USAGE = "usage"
    PERSONAL = "personal"
    KEY = "key"
    DONE = "done"


_NEXT = dict(zip(Step, list(Step)[1:], strict=False))


@dataclass(frozen=True, slots=True)
class Waits:
    """What an erasure waits for: a code, and the id of what it is about."""

    code: str
    about: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure as it stands. Its id is the customer's receipt, which says nothing of them.

    `after` is where its step goes on, `erased` counts what is gone by kind, `looked` how often it has waited. `subject`
    and `customer_id` are empty for an account of several people, and for a person's once it is done: then it names a
    pseudonym that leads to nobody but whom issued documents name as their buyer.
    """

    erasure_id: str
    account_id: str
    customer_id: str
    subject: str
    asked_at: datetime
    step: Step = Step.FILE
    after: str = ""
    erased: Mapping[str, int] = field(default_factory=dict)
    waits: Sequence[Waits] = ()
    looked: int = 0
    done_at: datetime | None = None
    revision: int = 1

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.step is Step.DONE

    @property
    def is_persons(self) -> bool:
        """Whether somebody leaves with their account, as long as it is not done; else it is one of several people."""
        return bool(self.customer_id)

    @property
    def has_file(self) -> bool:
        """Whether the file of all that was held has been made."""
        return self.step not in (Step.MEMBERS, Step.FILE)

    def went_on(self, counted: Mapping[str, int], after: str | None) -> "Erasure":
        """A piece of its step is done: there is more behind `after`, or the next step follows."""
        erased = {name: self.erased.get(name, 0) + counted.get(name, 0) for name in {**self.erased, **counted}}
        step = self.step if after is not None else _NEXT[self.step]
        return replace(
            self, step=step, after=after or "", erased=erased, waits=(), looked=0, revision=self.revision + 1
        )

    def waiting(self, waits: Sequence[Waits]) -> "Erasure":
        """Something has to be settled first, by the customer or by a decision of staff's."""
        return replace(self, waits=tuple(waits), looked=self.looked + 1, revision=self.revision + 1)

    @property
    def looks_again_in(self) -> timedelta:
        """How long it waits this time."""
        return WAITS[min(self.looked, len(WAITS)) - 1]

    def done(self, now: datetime) -> "Erasure":
        """The key is destroyed: nothing here leads to the person any more."""
        kept = replace(self, step=Step.DONE, after="", waits=(), done_at=now, revision=self.revision + 1)
        return replace(kept, subject="", customer_id="")
