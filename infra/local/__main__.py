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

from infra.local.aws import LiveKeyError
from infra.local.demo import BEGIN, Demo, DemoFailedError
from infra.local.dynamodb_local import EngineMissingError
from infra.local.operators import commands
from infra.local.operators.errors import OperatorFileError
from infra.local.system import System

BUILD = Path("build")
OUT = BUILD / "demo"
SEED = "adgang-demo"
MOST = 65_535
INTERRUPTED = 130
"""What shells say of a program that Ctrl-C has ended."""


class NoPortError(ValueError):
    """There is no such port."""


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when everything came out as it has to."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("what", choices=("demo", "run"), help="do the main job and stop, or go on serving")
    parser.add_argument("--port", default=os.environ.get("PORT", "8080"), help="default 8080")
    parser.add_argument("--rides", type=int, default=None, help="only the first so many rides")
    parser.add_argument("--operator", help="serve what one of docs/operators.md's operators sets up, without the rides")
    given = parser.parse_args(arguments)
    try:
        if given.operator is not None:
            return serve_operator(given.operator, given.port)
        return start(given.what, given.port, given.rides)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    except (EngineMissingError, LiveKeyError, NoPortError, OperatorFileError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(
            f"Port {given.port}: {error.strerror or error}. Another one: make {given.what} PORT=8090", file=sys.stderr
        )
    except DemoFailedError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 2


def start(what: str, port: str, most_rides: int | None) -> int:
    """Start the system, do the main job, and go on serving if that is wanted."""
    with System.start(port=port_of(what, port), seed=SEED, start_at=BEGIN) as system:
        if system.stripe is not None:
            job(system, most_rides)
        elif what == "demo":
            print("The demo needs the double of Stripe: unset STRIPE_API_KEY.", file=sys.stderr)
            return 2
        if what == "run":
            serve(system)
    return 0


def port_of(what: str, port: str) -> int:
    """The port as a number."""
    number = int(port) if port.isascii() and port.isdecimal() else MOST + 1
    if number > MOST:
        raise NoPortError(f"PORT={port}: a port is a number up to {MOST}, as in make {what} PORT=8090")
    return number


def serve_operator(operator: str, port: str) -> int:
    """Start the system under an operator's settings, load its file through the doors, and serve."""
    system, file = commands.start_operator(operator, port_of("run", port), SEED)
    with system:
        keys = commands.load_into(system, file)
        print("\n".join(commands.what_to_try(file, keys)), flush=True)
        serve(system)
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
