"""A function that has answered collects garbage again, and does not look at what was there before."""

import subprocess
import sys

PROGRAM = """
import gc, weakref
import chalicelib
from chalicelib.edge.garbage import collect_from_now_on

assert not gc.isenabled()
collect_from_now_on()
assert gc.isenabled()
assert gc.get_freeze_count() > 0

class Node:
    pass

def ring():
    node = Node()
    node.itself = node
    return weakref.ref(node)

first = ring()
for _ in range(200_000):
    if first() is None:
        break
    ring()
assert first() is None, "rings are never collected"
"""


def test_after_the_first_answer_garbage_is_collected_again() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"AWS_LAMBDA_FUNCTION_NAME": "any"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
