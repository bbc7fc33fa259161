"""Where the closing benchmark writes an export: what the bucket does is none of its figures."""

from pathlib import Path


class Folder:
    """Satisfies `finance.ports.Files`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, key: str, content: bytes, _content_type: str) -> None:
        """A whole file."""
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def begin(self, key: str, _content_type: str) -> "Growing":
        """A file that is written part by part."""
        self.write(key, b"", "")
        return Growing(self._folder / key)

    def read(self, key: str) -> list[bytes]:
        """Whole."""
        return [(self._folder / key).read_bytes()]

    def find(self, key: str) -> bytes | None:
        """Whole, if it is there."""
        path = self._folder / key
        return path.read_bytes() if path.exists() else None

    def link(self, key: str, _seconds: int) -> str:
        """Where it is."""
        return (self._folder / key).as_uri()


class Growing:
    """Satisfies `finance.ports.Upload`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def part(self, content: bytes) -> None:
        """The next part."""
        with self._path.open("ab") as file:
            file.write(content)

    last = part

    def finish(self) -> None:
        """All of it is there."""

    def abort(self) -> None:
        """Nothing of it stays."""
        self._path.unlink(missing_ok=True)
