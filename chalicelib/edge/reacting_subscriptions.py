"""What the workers do about subscriptions."""

from collections.abc import Callable, Mapping

import msgspec

from chalicelib.edge.gathering import others_of
from chalicelib.edge.reacting_settling import settle_month
from chalicelib.edge.subscription_areas import keeping
from chalicelib.edge.subscription_file import file_key, file_of, has_file
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.time import Month, parse_instant
from chalicelib.subscriptions.changing import shown, turn

Facts = Mapping[str, str]


def turn_subscription(facts: Facts, wired: BackOffice) -> None:
    """Put among what is over a pass that has run out, or the plan of before a change that is in force now."""
    turn(facts["account_id"], facts["subscription_id"], keeping=keeping(wired, wired.now(), wired.commit))


def close_subscription(facts: Facts, wired: BackOffice) -> None:
    """Settle what its customer has ended, and then make its file, so that this has the last bill too.

    Whoever leaves altogether has the file of everything instead.
    """
    account_id = facts["account_id"]
    found = wired.lives.find(account_id, facts["subscription_id"])
    if found is None or found.ended_at is None:
        return
    settle_month({"account_id": account_id, "month": str(Month.of(found.ended_at, wired.settings.zone))}, wired)
    account = wired.customers.account(account_id)
    if account is not None and not account.closed and has_file(found, wired.now()):
        wired.own_files.write(file_key(found.subscription_id), msgspec.json.encode(file_of(found, wired)))


def shown_anew(facts: Facts, wired: BackOffice) -> None:
    """Have what somebody has shown count in all subscriptions that they take part in, from when it was shown."""
    person, parts = facts["customer_id"], keeping(wired, wired.now(), wired.commit)
    agreement = wired.agreements.find(facts["account_id"])
    others = others_of(facts["account_id"], agreement.subject, wired) if agreement is not None else []
    for account_id in (facts["account_id"], *others):
        for each in wired.lives.of_account(account_id):
            if person in each.members:
                shown(each, parse_instant(facts["at"]), keeping=parts)


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "customers.shown": shown_anew,
    "subscriptions.close": close_subscription,
    "subscriptions.turn": turn_subscription,
}
