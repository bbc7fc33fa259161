"""A withdrawal in its two steps, and the receipt that is kept as it was given."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.kernel.time import format_instant, local_day, zone
from chalicelib.subscriptions.law import CountryLaw
from chalicelib.subscriptions.withdrawal import Owed
from chalicelib.subscriptions.withdrawal_words import words_in

STANDS_FOR = timedelta(days=1)
"""How long a statement may wait for its confirmation; one made in time is confirmed in time."""
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was stated, and what came of it once it was confirmed. `country` says by whose law.

    `name` and `contact` are what the customer likes to give; the receipt is theirs to keep.
    """

    subscription_id: str
    account_id: str
    by: str
    country: str
    language: str
    stated_at: datetime
    name: str = ""
    contact: str = ""
    confirmed_at: datetime | None = None
    owed: Owed | None = None
    receipt: str = ""
    version: int = 1

    def stands(self, at: datetime) -> bool:
        """Whether it may be confirmed."""
        return self.confirmed_at is None and at < self.stated_at + STANDS_FOR

    def again(self, stated: "Withdrawal") -> "Withdrawal":
        """Stated anew, before it was confirmed."""
        return replace(stated, version=self.version + 1)

    def confirmed(self, owed: Owed, receipt: str, at: datetime) -> "Withdrawal":
        """As it stays."""
        return replace(self, confirmed_at=at, owed=owed, receipt=receipt, version=self.version + 1)


def receipt_of(
    withdrawal: Withdrawal, owed: Owed, *, plan: str, agreed_at: datetime, at: datetime, law: CountryLaw
) -> str:
    """The text of a withdrawal that is confirmed at an instant: who, what, when to the second, and the money."""
    words = words_in(withdrawal.language)

    def when(instant: datetime) -> str:
        return f"{instant.astimezone(zone(law.zone)):%Y-%m-%d %H:%M:%S} {law.zone}"

    rows = [
        (words.name, withdrawal.name),
        (words.contact, withdrawal.contact),
        (words.subscription, withdrawal.subscription_id),
        (words.plan, plan),
        (words.agreed, when(agreed_at)),
        (words.stated, when(withdrawal.stated_at)),
        (words.confirmed, f"{when(at)} ({format_instant(at)})"),
        (words.charged, str(owed.charged)),
        (words.owed, str(owed.owed)),
        (words.back, str(owed.back)),
        (words.back_by, local_day(owed.back_by - _MOMENT, law.zone).isoformat() if owed.back.minor else ""),
        (words.law, law.statute),
    ]
    return "\n".join([words.title, "", words.said, "", *(f"{name}: {said}" for name, said in rows if said), ""])


def notice_of(until: datetime | None, language: str, law: CountryLaw, *, asked: bool) -> str:
    """What a customer is told of the right when they agree; `until` None: that there is none."""
    words = words_in(language)
    if until is None:
        return words.never
    last = local_day(until - _MOMENT, law.zone).isoformat()
    may = words.may.format(last=last, withdraw=law.label(language).withdraw)
    return f"{may} {words.asked if asked else words.not_asked} ({law.statute})"
