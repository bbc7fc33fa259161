"""What a customer's own data needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.writes import Write

if TYPE_CHECKING:  # these use the ports
    from chalicelib.customers.accesses import Access
    from chalicelib.customers.data_file import DataFile
    from chalicelib.customers.erasure import Erasure, Waits


class Accesses(Protocol):
    """Where is kept who has read what. None is ever changed."""

    def recording(self, access: Access) -> Write:
        """Store one."""

    def of_account(self, account_id: str, *, limit: int, after: str | None) -> Sequence[Access]:
        """A page of an account's, the newest first."""


class DataFiles(Protocol):
    """Where is kept which files were asked for."""

    def file(self, account_id: str) -> DataFile | None:
        """The one that the account asked for last, or None."""

    def asking(self, file: DataFile) -> Sequence[Write]:
        """Store it and have it made."""

    def going_on(self, file: DataFile, before: DataFile) -> Sequence[Write]:
        """Store how far it is, unless another has gone on with it, and have its next piece made."""

    def ready(self, file: DataFile) -> Write:
        """Store that it is there, if it is still the one that was asked for last."""


class OwnFiles(Protocol):
    """Where data files are put, and are gone after a week."""

    def write(self, key: str, content: bytes) -> None:
        """Put a file; put again, it is replaced."""

    def read(self, key: str) -> bytes:
        """A file that was put."""

    def link(self, key: str, seconds: int) -> str:
        """An address by which it can be had for so long."""


class Erasures(Protocol):
    """Where erasures are kept."""

    def find(self, erasure_id: str) -> Erasure | None:
        """The erasure of a receipt, or None."""

    def of_account(self, account_id: str) -> Erasure | None:
        """The account's, or None."""

    def asking(self, erasure: Erasure) -> Sequence[Write]:
        """Store a new one, unless the account has one, close the account for new use, and have it begun."""

    def saving(self, erasure: Erasure) -> Write:
        """Store it, if the stored revision is the one before."""

    def going_on(self, erasure: Erasure, now: datetime) -> Write:
        """Have a worker do its next piece."""

    def looking_again(self, erasure: Erasure, at: datetime, now: datetime) -> Write:
        """Have a worker look then whether it still waits."""

    def forgetting(self, erasure: Erasure) -> Sequence[Write]:
        """Remove what leads from the sign-in to the customer, and with it to the account.

        Of an account of several people what it was called.
        """


class Languages(Protocol):
    """Where is kept which language a customer reads."""

    def speaking(self, subject: str, language: str) -> Write:
        """Store it; receipts and notices speak it from now on."""


class Open(Protocol):
    """What an account has open, which its customer has to end first."""

    def found(self, account_id: str, subject: str) -> Mapping[str, Sequence[str]]:
        """Ids of sessions, reservations, bookings, places in lines, and of accounts that they are in with others.

        Only kinds of which there is one. An account in which they are alone goes with them: what is open in it counts
        as their own; one that is closing is open no more.
        """

    def nothing(self, account_id: str, otherwise: Refusal) -> Sequence[Write]:
        """Let nothing be written unless no session is open, and none reserved."""


class Work(Protocol):
    """What the steps do in other areas. Each may be done twice, and does the rest the second time."""

    def dismiss(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        """Have some of an account's people be in it no more, all but its owners: how many, and whether more are left.

        They are told.
        """

    def write_file(self, erasure: Erasure) -> str | None:
        """Make some of the file of all that is held, before anything of it is gone; behind what to go on."""

    def debts(self, erasure: Erasure) -> Sequence[Waits]:
        """Bill what was used, have prepaid money paid back; what has still to be settled."""

    def leave_provider(self, erasure: Erasure) -> None:
        """Have the payment provider forget the customer."""

    def forget_usage(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        """Erase the events and places of some sessions behind `after`: how many, and behind which to go on."""

    def forget_personal(self, erasure: Erasure) -> tuple[Mapping[str, int], str | None]:
        """Remove some of the personal items behind `after`; likewise."""

    def forget_key(self, erasure: Erasure) -> Sequence[Write]:
        """What else leads from the sign-in to the account, to be removed with it."""
