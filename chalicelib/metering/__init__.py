"""Metering: what things and partners report, kept exactly once.

Owns: usage events and signals, their deduplication, totals per subject and month; meters, limits, changes, erasure.
Does not own: what a subject is (access), what usage costs (rating), need intervals (access).
Never: an event marked as seen before it counts; a total changed without its event.
"""
