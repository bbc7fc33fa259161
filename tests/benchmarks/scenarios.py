"""How many operators' first months come out to the cent, and what all of them cost a processor."""

import resource
import subprocess
import sys

from infra.local.operators.reading import examples
from tests.benchmarks import AtMost, Exactly, Figures, Targets

TARGETS: Targets = {"subscriptions.scenarios": Exactly(5), "subscriptions.scenarios_cpu_s": AtMost(60)}


def figures() -> Figures:
    """Each scenario in a process of its own; one that fails does not count."""
    before = _seconds()
    told = [
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"tests/scenarios/test_operator_{operator}.py"],
            check=False,
            capture_output=True,
        )
        for operator in examples()
    ]
    right = float(sum(each.returncode == 0 for each in told))
    return {"subscriptions.scenarios": right, "subscriptions.scenarios_cpu_s": _seconds() - before}


def _seconds() -> float:
    """Of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
