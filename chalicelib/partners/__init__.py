"""Partners: the tenants that put things on offer, and the keys they call with.

Owns: partners, their API keys (hashes only), revocation.
Does not own: what partners offer (catalogue), what they report (metering), their share (billing).
Never: a secret that can be read back.
"""
