"""How long the main job takes, from the start of its process to its end, after set-up."""

import subprocess
import sys
import time

from tests.benchmarks import AtMost, Figures, Targets

TARGETS: Targets = {"demo.seconds": AtMost(180)}


def figures() -> Figures:
    """One run of `make demo`'s command on a free port; a demo that fails is no figure."""
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "infra.local", "demo", "--port", "0"], check=True, capture_output=True)
    return {"demo.seconds": time.monotonic() - started}
