"""How many operators' first months come out to the cent, and what all of them cost a processor."""

import resource
import subprocess
import sys

from infra.local.operators.reading import examples
from tests.benchmarks import AtMost, Exactly, Figures, Targets

TARGETS: Targets = {"subscriptions.scenarios": Exactly(5), "subscriptions.scenarios_cpu_s": AtMost(60)}
_RAN = (0, 1)
"""What pytest says where it has run all tests, and some of them failed or none."""


def figures() -> Figures:
    """All of them in one process, as `make test` runs them; one of which a test fails does not count."""
    before = _seconds()
    files = {operator: f"tests/scenarios/test_operator_{operator}.py" for operator in examples()}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", *files.values()],
        check=False,
        capture_output=True,
        text=True,
    )
    wrong = [name for line in ran.stdout.splitlines() if line.startswith(("FAILED", "ERROR")) for name in line.split()]
    right = [file for file in files.values() if not any(each.startswith(file) for each in wrong)]
    return {
        "subscriptions.scenarios": float(len(right)) if ran.returncode in _RAN else 0.0,
        "subscriptions.scenarios_cpu_s": _seconds() - before,
    }


def _seconds() -> float:
    """Of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
