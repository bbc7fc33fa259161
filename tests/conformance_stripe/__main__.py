"""`make conformance-stripe`: says what is missing and ends with 2, or runs the scenarios."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

import pytest

from infra.local.stripe_double.trying import SECRET_KEY, trial

FOR_REAL = "CONFORMANCE_STRIPE"
"""Set where the scenarios are to leave this machine: a key that lies in the environment alone sends nothing."""
TEST_KEYS = ("sk_test_", "rk_test_")
MISSING = 2
LEFT_OUT = {
    "what is forgotten under a key after a day": "needs Stripe's clock",
    "a hold that its bank lets go of by itself": "needs Stripe's clock",
    "the day by which evidence is wanted": "needs Stripe's clock",
    "a bank that asks for its customer": "the customer answers in a browser",
    "webhooks, their signatures, repeats and order": "need an address that Stripe reaches",
    "a saved 500, a timeout after applying": "Stripe breaks when it likes",
    "a partner's onboarding, and so transfers to it": "the partner answers in a browser",
    "a dispute that is decided": "takes its bank weeks, or evidence with Stripe's own magic words",
}
"""What the double plays and no scenario here can force elsewhere, and why."""


def missing(environment: Mapping[str, str]) -> str:
    """What has to be set before, or nothing."""
    key = environment.get("STRIPE_API_KEY", "")
    if not key:
        return "STRIPE_API_KEY is not set: give a secret key of Stripe's test mode (sk_test_... or rk_test_...)."
    if not key.startswith(TEST_KEYS):
        return "STRIPE_API_KEY is no key of test mode: these scenarios charge cards, so no other is taken."
    return ""


def main(arguments: list[str]) -> int:
    """With `--double` the double is served over HTTP and asked like any other endpoint."""
    if arguments[:1] == ["--double"]:
        with trial() as served:
            served.double.limit_rate(None, None)
            settings = {"STRIPE_API_KEY": SECRET_KEY, "STRIPE_API_BASE": served.address}
            with patch.dict(os.environ, settings):
                return main(arguments[1:])
    trouble = missing(os.environ)
    if trouble:
        sys.stderr.write(f"conformance-stripe: {trouble}\n")
        return MISSING
    sys.stdout.write(f"asking {os.environ.get('STRIPE_API_BASE') or 'Stripe'}; left out:\n")
    sys.stdout.writelines(f"  {what}: {why}\n" for what, why in LEFT_OUT.items())
    with patch.dict(os.environ, {FOR_REAL: "yes"}):
        return int(pytest.main(["-q", "--no-header", str(Path(__file__).parent), *arguments]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
