"""The catalogue: what partners put on offer, where it is, and at which price.

Owns: categories, places, products, assets with codes and devices, take-outs, histories, published tariff versions.
Does not own: whether an asset is free (access), what a price means (rating), who the partner is (partners).
Never: a change to a published tariff version, or to an entry without a line in its history.
"""
