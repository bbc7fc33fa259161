"""Customers and their accounts: who uses, and who pays.

Owns: customers, accounts, which sign-in belongs to whom; who is in an account, as what, and invited how; what
customers have shown and agreed to. The only place where a person can be told from a pseudonym.
Does not own: agreements (subscriptions), payment methods and standing (billing), sessions (access).
Never: personal data in another area's items; account ids stay meaningless without this area. Of what was shown, no
document and no proof: the result alone.
"""
