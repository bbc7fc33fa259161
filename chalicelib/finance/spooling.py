"""Lines that do not fit into memory, in files of this machine that are gone when the export is written."""

import gzip
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

_FASTEST = 1


class DiskSpool:
    """Satisfies `ports.Spool`. The directory is made when first something is put aside."""

    def __init__(self) -> None:
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._runs: dict[str, list[Path]] = {}
        self._count = 0

    def spill(self, name: str, lines: Sequence[str]) -> None:
        """One packed file a run."""
        if not lines:
            return
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="adgang-export-")
        self._count += 1
        path = Path(self._directory.name) / f"{self._count:06d}.gz"
        with gzip.open(path, "wt", compresslevel=_FASTEST, encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
        self._runs.setdefault(name, []).append(path)

    def runs(self, name: str) -> Sequence[Iterator[str]]:
        """Read as they are asked for, a line at a time."""
        return [_lines(path) for path in self._runs.get(name, ())]

    def close(self) -> None:
        """Remove the directory."""
        if self._directory is not None:
            self._directory.cleanup()


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        for line in file:
            yield line.removesuffix("\n")
