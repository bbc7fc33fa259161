"""The words every area speaks: money, quantity, time, ids, errors, conditional writes.

Owns: exact arithmetic, instants and calendar months, ids from given randomness, refusals, writes as values.
Does not own: any business rule, any storage, any clock.
Never: a float, a clock, the environment, randomness of its own, an import of ours.
"""
