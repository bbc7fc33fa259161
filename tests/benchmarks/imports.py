"""How long a cold start takes: each door imported from its packed zip, beside what it cannot do without.

Every run is a process of its own that finds only Python's library and the unpacked zip. Runs of all kinds take turns,
so that whatever else the machine does meets all of them alike; the figure is the median. The floor is Chalice's
runtime, msgspec, and the client that pynamodb makes, from the mobile door's own package.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks import AtMost, Figures, Targets
from tests.benchmarks.first_request import FIRST_REQUEST, mobile_backend

PACKAGES = Path("build/package")
DOORS = ("mobile", "partner", "finance", "workers")
RUNS = int(os.environ.get("BENCH_RUNS", "11"))
FLOOR = """
import chalice.app, msgspec
from pynamodb.connection import Connection
Connection().client
"""
_TIMED = """
import sys, time
sys.path.insert(0, {folder!r})
started = time.perf_counter()
{code}
print((time.perf_counter() - started) * 1000)
"""
SETTINGS = {
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "ADGANG_STAGE": "bench",
    "ADGANG_ZONE": "Europe/Helsinki",
    "ADGANG_MODE": "test",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-north-1",
    "AWS_REGION": "eu-north-1",
    "OIDC_ISSUER": "https://issuer.invalid",
    "OIDC_CLIENT_ID": "app",
    "OIDC_JWKS_URL": "https://issuer.invalid/.well-known/jwks.json",
    "STRIPE_API_BASE": "https://stripe.invalid",
    "PEPPER_PARAMETER": "/adgang/bench/pepper",
    "QUOTE_KEYS_PARAMETER": "/adgang/bench/quote-keys",
    "STRIPE_KEY_PARAMETER": "/adgang/bench/stripe-key",
    "STRIPE_WEBHOOK_SECRET_PARAMETER": "/adgang/bench/stripe-webhook-secret",
    "EXPORTS_BUCKET": "adgang-bench-exports",
    "CLOSE_QUEUE_URL": "https://sqs.eu-north-1.amazonaws.com/123456789012/adgang-bench-close-pages",
}

TARGETS: Targets = {
    **{f"import.{door}_ms": AtMost(1.2, times="import.floor_ms") for door in DOORS},
    "import.first_request_ms": AtMost(1.6, times="import.floor_ms"),
    "package.mobile_mb": AtMost(18),
}


def figures() -> Figures:
    """The cold imports and the first request in milliseconds, and the size of the mobile package."""
    with tempfile.TemporaryDirectory() as scratch, mobile_backend() as request:
        folders = {door: _unpacked(door, Path(scratch)) for door in DOORS}
        kinds: dict[str, tuple[Path, str, dict[str, str]]]
        kinds = {door: (folders[door], "import app", {}) for door in DOORS}
        kinds["floor"] = (folders["mobile"], FLOOR, {})
        kinds["first_request"] = (folders["mobile"], FIRST_REQUEST, request)
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(RUNS):
            for kind, (folder, code, settings) in kinds.items():
                times[kind].append(milliseconds(folder, code, settings))
    medians = {f"import.{kind}_ms": round(statistics.median(each), 1) for kind, each in times.items()}
    return medians | {"package.mobile_mb": round(_package("mobile").stat().st_size / 1_000_000, 2)}


def milliseconds(folder: Path, code: str, settings: Mapping[str, str]) -> float:
    """How long `code` takes in a new process that knows nothing but Python's library and `folder`."""
    program = _TIMED.format(folder=str(folder), code=code)
    command = [sys.executable, "-I", "-S", "-B", "-c", program]
    done = subprocess.run(command, env={**SETTINGS, **settings}, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the code did not run from its package:\n{done.stderr}")
    return float(done.stdout.splitlines()[-1])


def _unpacked(door: str, scratch: Path) -> Path:
    with zipfile.ZipFile(_package(door)) as archive:
        archive.extractall(scratch / door)
    return scratch / door


def _package(door: str) -> Path:
    path = PACKAGES / door / "deployment.zip"
    if not path.exists():
        sys.exit(f"There is no package of the {door} door: run make package first")
    return path
