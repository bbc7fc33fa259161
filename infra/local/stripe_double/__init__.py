"""A double of Stripe for the local run and the tests: the calls that Adgang makes, played strictly.

Owns: customers, setups, payment methods, holds, invoices, payments, refunds, credit notes, disputes, taxes, the
balance, connected accounts, transfers, events and signed webhooks, in memory.
Does not own: what is billed and when (billing), or that webhooks are sent on (the local run calls `deliver`).
Never: a looser rule than Stripe's. Each request is checked against the SDK's own types; a parameter or call that is
not played is refused, not ignored.

    double = StripeDouble(now=clock, secret_key="sk_test_x", publishable_key="pk_test_x", webhook_secret="whsec_x")

Mount `double` under any prefix and give the SDK that address as its API base. `stripe_js.save_card` plays the
customer's browser; the methods of `StripeDouble` (`handles.py`) play customers, banks, partners and Stripe itself.
"""

from infra.local.stripe_double.app import StripeDouble

__all__ = ["StripeDouble"]
