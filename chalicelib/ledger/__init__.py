"""The ledger: double entry, in whole minor units, for ever.

Owns: balanced, immutable journal entries and the accounts they post to.
Does not own: when a charge is due or how it is collected (billing).
Never: an update or a delete; corrections are entries of their own.
"""
