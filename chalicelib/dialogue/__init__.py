"""Dialogue: what we tell a customer, and later what the customer tells us.

Owns: notices, newest first.
Does not own: why something is told; the area in which it happened says so.
Never: a notice without a reason; card or identity data in a notice.
"""
