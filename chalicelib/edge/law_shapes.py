"""What withdrawals and announcements look like at the doors."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.amounts import Amount, show_amount, show_instant
from chalicelib.edge.page_frame import framed

if TYPE_CHECKING:
    from chalicelib.subscriptions.announcement import Announcement, Told
    from chalicelib.subscriptions.announcing import Heard
    from chalicelib.subscriptions.withdrawals import Withdrawal
    from chalicelib.subscriptions.withdrawing import Looked


_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
"""Nobody writes lines of their own into a receipt."""


class WithdrawalBody(msgspec.Struct, forbid_unknown_fields=True):
    """The statement. Nothing of it has to be said: who is signed in is known, and the receipt is kept here."""

    name: Annotated[str, msgspec.Meta(max_length=200, pattern=_ONE_LINE)] = ""
    contact: Annotated[str, msgspec.Meta(max_length=200, pattern=_ONE_LINE)] = ""
    language: Annotated[str, msgspec.Meta(max_length=2)] = ""


class AnnouncementBody(msgspec.Struct, forbid_unknown_fields=True):
    """From when the plan's newest version holds for those who have an earlier one, and why: customers read it."""

    holds_from: Annotated[str, msgspec.Meta(max_length=40)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]


class ExemptShown(msgspec.Struct):
    """A rule by which there is no right, of the directive and of the country's own law."""

    article: str
    paragraph: str
    when: str


class WithdrawalShown(msgspec.Struct):
    """Whether one may withdraw, until when, and what it comes to. `why_not` is null as long as one may.

    `withdraw` and `confirm` are what the two steps are to be called. Of `charged`, which is what the time up to now
    costs, `owed` stays and `back` is not paid, or is paid back by `back_by`. Nothing here is legal advice.
    """

    subscription_id: str
    may: bool
    until: str
    why_not: str | None
    rules: list[ExemptShown]
    country: str
    law: str
    withdraw: str
    confirm: str
    charged: Amount
    owed: Amount
    back: Amount
    back_by: str
    stated_at: str | None
    confirmed_at: str | None


class AnnouncementShown(msgspec.Struct):
    """That a version of a plan holds from an instant on."""

    plan_id: str
    version: int
    holds_from: str
    reason: str
    standing: str
    announced_at: str
    by: str
    called_off_at: str | None


class AnnouncementsShown(msgspec.Struct):
    """Those of a plan, the newest version first."""

    items: list[AnnouncementShown]


class ChangeTold(msgspec.Struct):
    """What I was told: from when it holds for me, and what my own use of `since` to `until` comes to under either.

    `accepted_by_silence` false: nothing changes unless I accept it. Whoever does not want it ends the subscription
    before, at once and at no cost.
    """

    plan_id: str
    from_version: int
    version: int
    holds_from: str
    reason: str
    told_at: str
    since: str
    until: str
    before: Amount
    after: Amount
    more: Amount
    accepted_by_silence: bool
    moves: bool
    accepted_at: str | None
    called_off: bool
    country: str


class ToldShown(msgspec.Struct):
    """The newest change that I was told of, or null."""

    announcement: ChangeTold | None


def show_withdrawal(found: Looked) -> WithdrawalShown:
    """How a withdrawal stands."""
    right, owed, stated = found.right, found.owed, found.withdrawal
    label = found.law.label(stated.language if stated is not None else found.subscription.language)
    confirmed = stated.confirmed_at if stated is not None else None
    return WithdrawalShown(
        subscription_id=found.subscription.subscription_id,
        may=right.why_not is None,
        until=show_instant(right.until),
        why_not=None if right.why_not is None else str(right.why_not),
        rules=[ExemptShown(each.article, each.paragraph, str(each.when)) for each in right.exemptions],
        country=found.law.country,
        law=found.law.statute,
        withdraw=label.withdraw,
        confirm=label.confirm,
        charged=show_amount(owed.charged),
        owed=show_amount(owed.owed),
        back=show_amount(owed.back),
        back_by=show_instant(owed.back_by),
        stated_at=None if stated is None else show_instant(stated.stated_at),
        confirmed_at=None if confirmed is None else show_instant(confirmed),
    )


def receipt_page(found: Withdrawal) -> str:
    """The receipt as a page: the same lines."""
    title, *lines = found.receipt.splitlines()
    return framed(found.language, title, [f"<p>{escape(line)}</p>" for line in lines if line])


def show_announcement(found: Announcement) -> AnnouncementShown:
    """An announcement."""
    off = found.called_off_at
    return AnnouncementShown(
        plan_id=found.plan_id,
        version=found.version,
        holds_from=show_instant(found.holds_from),
        reason=found.reason,
        standing=str(found.standing),
        announced_at=show_instant(found.announced_at),
        by=found.by,
        called_off_at=None if off is None else show_instant(off),
    )


def show_heard(heard: Heard | None) -> ToldShown:
    """What a customer was told."""
    return ToldShown(None if heard is None else _told(heard.told, heard.announcement))


def _told(told: Told, announcement: Announcement) -> ChangeTold:
    past = told.past
    return ChangeTold(
        plan_id=told.plan_id,
        from_version=told.from_version,
        version=told.version,
        holds_from=show_instant(told.holds_from),
        reason=announcement.reason,
        told_at=show_instant(told.told_at),
        since=show_instant(past.within.start),
        until=show_instant(past.within.end),
        before=show_amount(past.before),
        after=show_amount(past.after),
        more=show_amount(past.more),
        accepted_by_silence=told.silence_accepts,
        moves=told.moves,
        accepted_at=None if told.accepted_at is None else show_instant(told.accepted_at),
        called_off=told.called_off or announcement.called_off_at is not None,
        country=told.country,
    )
