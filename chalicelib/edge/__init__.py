"""The edge: where HTTP, tokens, keys and settings end and the business begins.

Owns: doors, authentication, problem+json, idempotency keys, OpenAPI, settings, wiring.
Does not own: any rule of the business.
Never: an HTTP status outside of this package; a secret or a person in a log line.
"""
