"""Without a key of test mode nothing is asked, and nothing passes."""

import subprocess
import sys
from os import environ

import pytest


@pytest.mark.parametrize(("key", "told"), [("", "STRIPE_API_KEY is not set"), ("sk_live_x", "no key of test mode")])
def test_it_says_what_is_missing_and_ends_with_2(key: str, told: str) -> None:
    settings = {name: value for name, value in environ.items() if not name.startswith("STRIPE_")}
    command = [sys.executable, "-m", "tests.conformance_stripe"]
    ended = subprocess.run(command, env=settings | {"STRIPE_API_KEY": key}, capture_output=True, text=True, check=False)

    assert (ended.returncode, told in ended.stderr, ended.stdout) == (2, True, "")
