"""Modules that a cold start leaves until they are needed."""

import subprocess
import sys

PROGRAM = """
import sys
from chalicelib.edge.lazily import lazily
quoting = lazily("chalicelib.access.quoting")
print("chalicelib.rating" in sys.modules)
print(quoting.give_quote.__name__, "chalicelib.rating" in sys.modules)
"""


def told(**environment: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:2]


def test_in_lambda_a_module_is_loaded_at_its_first_use() -> None:
    assert told(AWS_LAMBDA_FUNCTION_NAME="adgang-mobile") == ["False", "give_quote True"]


def test_elsewhere_it_is_loaded_at_once_as_threads_may_ask_for_it() -> None:
    assert told() == ["True", "give_quote True"]
