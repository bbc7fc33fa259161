"""A run can be repeated: the same input gives the same bytes."""

from contextlib import closing
from pathlib import Path

from infra.local.__main__ import SEED
from infra.local.demo import BEGIN, Demo
from infra.local.system import System


def test_a_second_run_gives_byte_identical_files(tmp_path: Path) -> None:
    runs = []
    for name in ("first", "second"):
        with (
            System.start(port=0, seed=SEED, start_at=BEGIN) as system,
            closing(Demo(system.address, tmp_path / name, say=lambda _text: None, most_rides=12)) as demo,
        ):
            demo.run()
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        runs.append({str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files})

    assert len(runs[0]) == 34
    assert runs[0] == runs[1]
