"""`python -m infra.local demo|run`: the whole system on this machine."""

import argparse
import json
import os
import shutil
import signal
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from infra.local.demo import BEGIN, Demo, DemoFailedError
from infra.local.dynamodb_local import EngineMissingError
from infra.local.system import System

BUILD = Path("build")
OUT = BUILD / "demo"
SEED = "adgang-demo"


def main() -> int:
    """Exit status 0 when everything came out as it has to."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("what", choices=("demo", "run"), help="do the main job and stop, or go on serving")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8080")), help="default 8080")
    parser.add_argument("--rides", type=int, default=None, help="only the first so many rides")
    given = parser.parse_args()
    try:
        with System.start(port=given.port, seed=SEED, start_at=BEGIN) as system:
            job(system, given.rides)
            if given.what == "run":
                serve(system)
    except EngineMissingError as error:
        print(error, file=sys.stderr)
        return 2
    except DemoFailedError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


def job(system: System, most_rides: int | None = None) -> None:
    """The main job, with what it came to on the terminal and in build/demo."""
    started = time.monotonic()
    shutil.rmtree(OUT, ignore_errors=True)
    print(f"Adgang is up at {system.address} ({system.engine.kind})", flush=True)
    with closing(Demo(system.address, OUT, lambda text: print(f"  {text}", flush=True), most_rides)) as demo:
        summary = demo.run()
    seconds = time.monotonic() - started
    calls = sorted(list(each) for each in system.calls.recorded_by_function())
    (BUILD / "calls.json").write_text(json.dumps(calls, indent=0) + "\n", encoding="utf-8")
    (BUILD / "demo.seconds").write_text(f"{seconds:.1f}\n", encoding="utf-8")
    print("\n".join(["", *summary.lines(), f"written to  {OUT}/ in {seconds:.0f} s"]), flush=True)


def serve(system: System) -> None:
    """Go on until interrupted, with real time."""
    system.follow_real_time()
    system.keep_working()
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    print(f"\nServing at {system.address}; the README walks through one ride. Stop with Ctrl-C.", flush=True)
    ended.wait()


if __name__ == "__main__":
    sys.exit(main())
