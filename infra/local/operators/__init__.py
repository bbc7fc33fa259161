"""What an operator sets up, as one JSON file: its format, its examples, and how it is loaded through the doors.

docs/operators.md describes the format and what each example shows.
"""
