"""Subscriptions as items.

account#<id>        subscription#<id>                      one that has not ended, as it stands
account#<id>        lived#<until>#<id>#<what>#<since>      a phase or a pause that is over, or all of one that has ended
account#<id>        accepted#<id>#<revision>               what was accepted for it, with the confirmation
subscription#<id>   ended                                  one that has ended
of#<plan>           <id>                                   one that has the plan
ended#<plan>        <id>                                   one that had it when it ended
account#<id>        had                                    how often somebody of it began to have a plan
moves#<month>       <plan>#<move>#<part>                   how many moves there were, in several parts

What is over lies by its end, before `subscription#` in key order: one query finds what held in an interval.
"""

from datetime import datetime
from typing import Any, cast

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.kernel.time import format_instant, parse_instant
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.subscriptions.subscription import Pause, Phase, Subscription
from chalicelib.subscriptions.terms import Acceptance, Accepted

STANDING, LIVED, ENDED, HAD = "subscription#", "lived#", "ended", "had"
Documented = dict[str, Any]


class PartRecord(Record):
    """A phase or a pause that is over. Of what is read together with it, only this is sure to be there."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    subscription_id = UnicodeAttribute()
    phase: Any = DocumentAttribute(null=True)
    pause: Any = DocumentAttribute(null=True)


class LifeRecord(PartRecord):
    """A subscription; or, where `account_id` is not there, a part of one."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    account_id = UnicodeAttribute(null=True)
    by = UnicodeAttribute(null=True)
    terms_version = UnicodeAttribute(null=True)
    terms_digest = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)
    subscribed_at = InstantAttribute(null=True)
    next_phase: Any = DocumentAttribute(null=True)
    members: Any = DocumentAttribute(null=True)
    uses_left = NumberAttribute(null=True)
    ended_at = InstantAttribute(null=True)
    why = UnicodeAttribute(null=True)
    is_pass = BooleanAttribute(null=True)
    annulled = BooleanAttribute(null=True)
    ran_out = BooleanAttribute(null=True)
    revision = NumberAttribute(null=True)


class AcceptedRecord(Record):
    """What was accepted."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    subscription_id = UnicodeAttribute()
    by = UnicodeAttribute()
    at = InstantAttribute()
    plan_id = UnicodeAttribute()
    plan_version = NumberAttribute()
    terms_version = UnicodeAttribute()
    language = UnicodeAttribute()
    digest = UnicodeAttribute()
    confirmation = UnicodeAttribute()
    begin_at_once = BooleanAttribute(default=False)
    told_of_withdrawal = BooleanAttribute(default=False)


class HadRecord(Record):
    """A count that each who begins to have a plan raises as they read it: of two at once one looks again.

    Without it nobody of the account ever had one, nor a pass: a close asks no further then.
    """

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    many = NumberAttribute()


class MovesRecord(Record):
    """A part of a count."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    many = NumberAttribute()


def over_record(subscription: Subscription, ended_at: datetime) -> LifeRecord:
    """The item of one that has ended, among what is over."""
    key = f"{LIVED}{format_instant(ended_at)}#{subscription.subscription_id}#{ENDED}"
    return life_record(subscription, f"account#{subscription.account_id}", key)


def life_record(subscription: Subscription, pk: str, sk: str) -> LifeRecord:
    """A subscription under a key."""
    return LifeRecord(**life_values(subscription, pk, sk))


def life_values(subscription: Subscription, pk: str, sk: str) -> Documented:
    """What the item of a subscription has."""
    upcoming = subscription.next_phase
    return {
        "pk": pk,
        "sk": sk,
        "subscription_id": subscription.subscription_id,
        "account_id": subscription.account_id,
        "by": subscription.by,
        "terms_version": subscription.terms_version,
        "terms_digest": subscription.terms_digest,
        "language": subscription.language,
        "subscribed_at": subscription.subscribed_at,
        "phase": _phase(subscription.phase),
        "next_phase": None if upcoming is None else _phase(upcoming),
        "pause": None if subscription.pause is None else _pause(subscription.pause),
        "members": list(subscription.members),
        "uses_left": subscription.uses_left,
        "ended_at": subscription.ended_at,
        "why": subscription.why or None,
        "is_pass": subscription.is_pass,
        "annulled": subscription.annulled or None,
        "ran_out": subscription.ran_out or None,
        "revision": subscription.revision,
    }


def life_of(record: LifeRecord) -> Subscription:
    """The subscription of an item."""
    kept = cast("Any", record)  # what a part of one does not have, a whole one has
    return Subscription(
        subscription_id=kept.subscription_id,
        account_id=kept.account_id,
        by=kept.by,
        terms_version=kept.terms_version,
        language=kept.language,
        subscribed_at=kept.subscribed_at,
        phase=_phase_of(kept.phase),
        pause=_pause_of(kept.pause) if kept.pause else None,
        members=tuple(kept.members),
        uses_left=None if kept.uses_left is None else int(kept.uses_left),
        ended_at=kept.ended_at,
        revision=int(kept.revision),
        next_phase=_phase_of(kept.next_phase) if kept.next_phase else None,
        is_pass=bool(kept.is_pass),
        annulled=bool(kept.annulled),
        ran_out=bool(kept.ran_out),
        terms_digest=kept.terms_digest or "",
        why=kept.why or "",
    )


def part_record(subscription: Subscription, part: Phase | Pause) -> PartRecord:
    """The item of a phase or a pause that is over."""
    what, name = (_phase(part), "phase") if isinstance(part, Phase) else (_pause(part), "pause")
    where = f"{LIVED}{what['until']}#{subscription.subscription_id}#{name}#{what['since']}"
    kept: Any = {name: what}
    named = subscription.subscription_id
    return PartRecord(pk=f"account#{subscription.account_id}", sk=where, subscription_id=named, **kept)


def part_of(record: PartRecord) -> Phase | Pause:
    """The phase or pause of an item."""
    return _phase_of(record.phase) if record.phase else _pause_of(record.pause)


def _phase(phase: Phase) -> Documented:
    bounds = {"since": format_instant(phase.since), "until": phase.until and format_instant(phase.until)}
    whose: Documented = {"announced": True} if phase.announced else {}
    shown = {"shown_until": format_instant(phase.shown_until)} if phase.shown_until is not None else {}
    free: Documented = {"free": True} if phase.free else {}
    what = {"plan": phase.plan_id, "version": phase.plan_version, "seats": phase.seats}
    return {**what, **bounds, **whose, **shown, **free}


def _phase_of(kept: Documented) -> Phase:
    bounds = parse_instant(kept["since"]), parse_instant(kept["until"]) if kept["until"] else None
    shown = kept.get("shown_until")
    what = (kept["plan"], kept["version"], *bounds, kept["seats"], kept.get("announced", False))
    return Phase(*what, None if shown is None else parse_instant(shown), kept.get("free", False))


def _pause(pause: Pause) -> Documented:
    bounds = {"since": format_instant(pause.since), "until": pause.until and format_instant(pause.until)}
    return {**bounds, **({"lapsed": True} if pause.lapsed else {})}


def _pause_of(kept: Documented) -> Pause:
    bounds = parse_instant(kept["since"]), parse_instant(kept["until"]) if kept["until"] else None
    return Pause(*bounds, lapsed=kept.get("lapsed", False))


def accepted_record(acceptance: Acceptance) -> AcceptedRecord:
    """The item of an acceptance."""
    return AcceptedRecord(
        pk=f"account#{acceptance.account_id}",
        sk=f"accepted#{acceptance.subscription_id}#{acceptance.revision:08d}",
        subscription_id=acceptance.subscription_id,
        by=acceptance.by,
        at=acceptance.at,
        plan_id=acceptance.plan_id,
        plan_version=acceptance.plan_version,
        terms_version=acceptance.accepted.version,
        language=acceptance.accepted.language,
        digest=acceptance.accepted.digest,
        confirmation=acceptance.confirmation,
        begin_at_once=acceptance.begin_at_once,
        told_of_withdrawal=acceptance.told_of_withdrawal,
    )


def acceptance_of(record: AcceptedRecord) -> Acceptance:
    """The acceptance of an item."""
    return Acceptance(
        subscription_id=record.subscription_id,
        account_id=record.pk.removeprefix("account#"),
        by=record.by,
        at=record.at,
        plan_id=record.plan_id,
        plan_version=int(record.plan_version),
        accepted=Accepted(record.terms_version, record.language, record.digest),
        confirmation=record.confirmation,
        revision=int(record.sk.rpartition("#")[2]),
        begin_at_once=bool(record.begin_at_once),
        told_of_withdrawal=bool(record.told_of_withdrawal),
    )
