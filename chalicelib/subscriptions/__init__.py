"""Subscriptions: the agreement between an account and the operator.

Owns: agreements, which plan and which terms were accepted when, and their state. Pay-per-use is one without a fee.
Does not own: persons (customers), prices (rating, catalogue), use (access), money (billing).
Never: a fee for merely existing.
"""
