"""The catalogue: what partners put on offer, where it is, and at which price.

Owns: places, products, assets and their codes, published tariff versions.
Does not own: whether an asset is free (access), what a price means (rating), who the partner is (partners).
Never: a change to a published tariff version.
"""
