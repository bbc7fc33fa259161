"""DynamoDB, for records, stores and wiring only.

Owns: the connection and table names, exact attributes, conditional writes and their transaction, the outbox.
Does not own: what is stored, or any rule about it.
Never: a write without a condition or a natural id; a float.
"""
