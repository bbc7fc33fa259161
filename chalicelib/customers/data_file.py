"""The file of all that is held about a customer: asked for, made by a worker, there for two hours."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.customers.model import Customer
from chalicelib.customers.own_ports import DataFiles
from chalicelib.kernel.ids import RandomBytes
from chalicelib.kernel.writes import Commit

GOOD_FOR = timedelta(hours=2)
"""Asked for again within that, the same file is given."""
GIVEN_UP = timedelta(minutes=15)
"""One that nobody has gone on with for so long is asked for anew."""
LINK_SECONDS = 300


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file as it stands: asked for, or ready. `name` is random, and known to the customer alone.

    One of much is made in pieces: `after` is where it goes on, `worked_at` when the last piece was made.
    """

    account_id: str
    customer_id: str
    subject: str
    name: str
    asked_at: datetime
    ready_at: datetime | None = None
    size: int = 0
    sha256: str = ""
    after: str = ""
    worked_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Whether it is the answer to who asks now."""
        if self.ready_at is not None:
            return now < self.ready_at + GOOD_FOR
        return now < (self.worked_at or self.asked_at) + GIVEN_UP

    def went_on(self, after: str, now: datetime) -> "DataFile":
        """A piece of it is made, and there is more behind that."""
        return replace(self, after=after, worked_at=now)

    def made(self, size: int, sha256: str, now: datetime) -> "DataFile":
        """It is there."""
        return replace(self, ready_at=now, size=size, sha256=sha256)

    @property
    def key(self) -> str:
        """Where it is in its bucket."""
        return f"own/{self.name}.json"

    def piece(self, turn: int) -> str:
        """Where one of its pieces is, as long as it is made; gone after a week, like the file."""
        return f"own/{self.name}/{turn}.json"


def ask_file(
    customer: Customer, *, files: DataFiles, random_bytes: RandomBytes, now: datetime, commit: Commit
) -> DataFile:
    """The file that was asked for last, if that is still the answer; else have one made."""
    found = files.file(customer.account_id)
    if found is not None and found.stands(now):
        return found
    name = random_bytes(20).hex()
    asked = DataFile(customer.account_id, customer.customer_id, customer.subject, name, now)
    return commit(files.asking(asked), asked)
