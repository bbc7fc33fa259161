"""What this area needs from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.access.entitlement import Entitlement
from chalicelib.access.model import AccessSession, AssetUse, ChargeRecord, Room
from chalicelib.kernel.time import Interval, Month
from chalicelib.kernel.writes import Write


class Sessions(Protocol):
    """Where sessions, charge records and the state of assets are kept."""

    def find(self, session_id: str) -> AccessSession | None:
        """The session, or None."""

    def many(self, session_ids: Sequence[str]) -> Mapping[str, AccessSession]:
        """Those that exist, by id."""

    def open_on(self, asset_key: str) -> Sequence[str]:
        """The ids of the sessions that are open on an asset."""

    def uses_of(self, asset_key: str, since: datetime, until: datetime) -> Sequence[AssetUse]:
        """The sessions that began on the asset by `until`, in order of start: all since `since`, and two before."""

    def is_free(self, asset_key: str, capacity: int | None) -> bool:
        """Whether one more may start there; without a capacity always."""

    def room(self, asset_key: str, capacity: int | None, now: datetime) -> Room:
        """The same, with what bookings keep."""

    def starting(self, session: AccessSession, capacity: int | None) -> Sequence[Write]:
        """Store the session and take the asset, unless it is taken as often as it has room; None: any number."""

    def reserving(self, session: AccessSession, capacity: int | None) -> Sequence[Write]:
        """Store a reserved session and take the asset, unless it is taken; it is to be looked at when it expires."""

    def handing_out(self, session: AccessSession) -> Sequence[Write]:
        """Store a reservation as a session that has started, if the stored revision is the one before."""

    def giving_up(self, session: AccessSession, at: datetime) -> Sequence[Write]:
        """Store a reservation that is cancelled or has expired, on the same condition, and give the asset free."""

    def changing(self, session: AccessSession) -> Sequence[Write]:
        """Store an open session, on the same condition."""

    def moving(
        self, before: AccessSession, after: AccessSession, capacity: int | None, *, faulty: bool = False
    ) -> Sequence[Write]:
        """Store an open session on another asset, on the same condition, and take that one, unless it is taken.

        What is left is free for whoever waits for it, unless it is `faulty`.
        """

    def stopping(self, session: AccessSession, now: datetime) -> Sequence[Write]:
        """Have an open session looked at when it is to be ended, if it is."""

    def narrowing(self, account_id: str, at: datetime, now: datetime) -> Write:
        """Have what the account has open looked at, because a payment failed."""

    def telling(self, session: AccessSession, code: str, at: datetime, more: Mapping[str, str] = ...) -> Write:
        """Have the account told of its session, and of `more` facts."""

    def reporting_fault(self, session: AccessSession, at: datetime) -> Write:
        """Have its asset taken off the offers until its partner has seen to it."""

    def reserved_of(self, account_id: str) -> Sequence[AccessSession]:
        """The account's reservations."""

    def active_in(self, account_id: str, month: Month, *adjusts: Month | None) -> Write:
        """Have the account looked at when the month is closed, and earlier ones that were corrected in it."""

    def cutting(
        self, cut: AccessSession, records: Sequence[ChargeRecord], month: Month, adjusts: Month
    ) -> Sequence[Write]:
        """Store an open session's charge at the end of a month, if the stored revision is the one before.

        `records` has one for each account that takes part.

        The difference to what earlier records said is to be billed in `month`; `adjusts` is the month of the first.
        """

    def ending(self, record: ChargeRecord, month: Month, adjusts: Month | None = None) -> Sequence[Write]:
        """Store the ended session with its charge record and give the asset free, unless it has ended.

        It is to be billed in `month`; if its charge belongs to another, as what that is adjusted by.
        """

    def ending_part(self, record: ChargeRecord, month: Month, adjusts: Month | None = None) -> Sequence[Write]:
        """Store the charge record of a further account that takes part, for which the session ends with `ending`."""

    def joining(self, session: AccessSession) -> Sequence[Write]:
        """Store an open session with one more part, the last, if the stored revision is the one before."""

    def leaving(self, session: AccessSession, gone: AccessSession) -> Sequence[Write]:
        """Store an open session that an account takes part in no more; `gone` is its view of that."""

    def opening(self, session: AccessSession) -> Sequence[Write]:
        """Store a session whose place on the asset its booking takes."""

    def charging(self, record: ChargeRecord, month: Month) -> Sequence[Write]:
        """Store the charge record of what was ordered and never handed out."""

    def noting(self, session: AccessSession) -> Write:
        """Store a session that was never open."""

    def correcting(self, record: ChargeRecord, month: Month, ended_in: Month) -> Sequence[Write]:
        """Store a counter-record, unless there is one of that revision; the difference is to be billed in `month`."""

    def hear_again(self, session_id: str, now: datetime) -> Write:
        """Have the charge of an ended session looked at again."""

    def open_of(self, account_id: str) -> Sequence[AccessSession]:
        """The account's open sessions."""

    def charged(self, account_id: str, charged: Interval) -> Sequence[ChargeRecord]:
        """The newest record of each session of the account whose charge belongs to the interval, in order of that."""

    def charge_of(self, session: AccessSession) -> ChargeRecord | None:
        """The newest charge record of a session that has ended or was cut."""

    def charges_of(self, session: AccessSession) -> Sequence[ChargeRecord]:
        """All its charge records, each counter-record after the one before."""

    def adjusted_months(self, account_id: str, month: Month) -> Sequence[Month]:
        """Earlier months of which a charge was corrected in this one."""

    def active_accounts(self, month: Month) -> Sequence[str]:
        """The accounts with something to be billed in the month."""

    def active_accounts_after(self, month: Month, *, limit: int, after: str | None) -> Sequence[str]:
        """A page of these, in an order that stays the same."""


class Entitlements(Protocol):
    """What sessions let their customers have, by the names that partners know; sessions' own acts keep it."""

    def find(self, partner_id: str, name: str) -> Entitlement | None:
        """The partner's entitlement of that name: one read of one item."""

    def counting(self, entitlement: Entitlement) -> Sequence[Write]:
        """Store its streams, if neither they nor the session were changed since they were read."""


class Sealer(Protocol):
    """Signs what is promised, so that nobody can change it on its way."""

    def seal(self, promise: Mapping[str, object]) -> str:
        """A token that holds the promise."""

    def unseal(self, token: str) -> Mapping[str, object]:
        """The promise of a token that we made, or `QuoteForged`."""


class Held(Protocol):
    """What is held while a thing is out (billing knows). Only a start of a product that holds something asks for it."""

    def taking(self, session: AccessSession) -> Sequence[Write]:
        """Have the promised amount held; what binds it to the session, for the start's own transaction."""

    def letting_go(self, session: AccessSession) -> None:
        """The start came to nothing; what was held for it is let go."""


class Standing(Protocol):
    """Who may start: each answers with the condition that goes into the start's own transaction."""

    def conditions(self, account_id: str) -> Sequence[Write]:
        """The account is open, its agreement active, its payment in order."""
