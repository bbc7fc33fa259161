"""`python -m infra.local` says in one line why it cannot go on, and never with a traceback."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from infra.local.__main__ import main
from infra.local.operator import main as operator
from tests.architecture.sources import ROOT


@pytest.mark.parametrize("port", ["99999", "65536", "http", "-1", ""])
def test_a_port_that_is_none_is_told_in_one_line(capsys: pytest.CaptureFixture[str], port: str) -> None:
    assert main(["run", f"--port={port}"]) == 2

    said = capsys.readouterr().err
    assert said == f"PORT={port}: a port is a number up to 65535, as in make run PORT=8090\n"


def test_a_port_that_is_taken_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        assert main(["run", f"--port={port}"]) == 2

    said = capsys.readouterr().err
    assert said.startswith(f"Port {port}: ")
    assert said.count("\n") == 1


def test_the_operator_is_told_of_a_port_that_is_none_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert operator(["--url", "http://127.0.0.1:99999/finance", "parked"]) == 1

    said = capsys.readouterr().err
    assert "99999" in said
    assert said.count("\n") == 1


def test_ctrl_c_while_the_demo_plays_stops_it_with_one_word(tmp_path: Path) -> None:
    """
    Sent once the system is up and rides are played. A shell may have its background jobs ignore it, tests among them.
    """
    command = [sys.executable, "-m", "infra.local", "demo", "--port=0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 -- one thread
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "Adgang is up" in line:
                demo.send_signal(signal.SIGINT)
                break
        _, said = demo.communicate(timeout=60)

    assert (demo.returncode, said.strip()) == (130, "Stopped.")
