"""Each door has a key of Stripe for what it does there and no more; the tests of the doors run with these keys."""

import stripe

from infra.local.stripe_keys import RIGHTS, key_of, restricted_keys

MONEY = {"invoices.pay", "refunds.create", "transfers.create", "credit_notes.create", "disputes.close"}


def test_the_mobile_doors_key_is_for_saving_methods_and_for_what_is_held_or_put_in_alone() -> None:
    calls = restricted_keys()[key_of("mobile")]

    resources = {each.partition(".")[0] for each in calls}
    assert resources == {"customers", "setup_intents", "payment_methods", "payment_intents"}
    assert not calls & MONEY


def test_who_may_only_read_changes_nothing() -> None:
    calls = restricted_keys()[key_of("workers")]

    assert {"setup_intents.retrieve", "disputes.retrieve", "charges.retrieve", "balance_transactions.list"} <= calls
    assert not calls & {"setup_intents.create", "setup_intents.confirm", "disputes.close", "accounts.create"}


def test_the_partner_doors_key_moves_no_money_and_knows_no_customer() -> None:
    calls = restricted_keys()[key_of("partner")]

    assert {each.partition(".")[0] for each in calls} == {"accounts", "account_links"}


def test_every_resource_that_a_key_names_is_one_of_stripes() -> None:
    calls = stripe.StripeClient("sk_test_x").v1

    assert [name for rights in RIGHTS.values() for name in rights if not hasattr(calls, name)] == []
    assert not hasattr(calls, "setup_intent")
