"""Billing: what an account owes, and how it is collected.

Owns: payers and their standing, statements, settlements, invoices, parked accounts, disputes, the comparison with
Stripe, the inbox of its webhooks.
Does not own: what use costs (rating), what was used (access), the books (ledger), cards (Stripe).
Never: an amount collected that no rated line shows; the same amount twice; a total that Stripe computed.
"""
