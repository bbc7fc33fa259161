"""What Adgang asks of Stripe, asked of Stripe's test mode, or of any endpoint that says it is compatible.

The same scenarios run in `make test` against the double. `make conformance-stripe` needs `STRIPE_API_KEY`, a key of
test mode, and takes `STRIPE_API_BASE`. What needs Stripe's clock, a bank's or a browser's act is left out by name.
"""
