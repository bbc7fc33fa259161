"""Turns what Chalice packed into what is deployed: smaller, with bytecode, and the same bytes for the same input.

Lambda unpacks a zip where nothing can be written, so Python would compile every module at every cold start. The
bytecode goes along as unchecked-hash `.pyc` files: never compared with the sources, which stay for tracebacks.
"""

import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

from chalicelib.edge.formats import LOCALES
from infra.doors import Door
from infra.reached import trim

TASK_ROOT = "/var/task"
"""Where Lambda unpacks a function; bytecode remembers it as its place."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SHARED_MODELS = frozenset({"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"})
_ONLY_FOR_STRIPE = frozenset({"certifi", "charset_normalizer", "idna", "requests", "stripe"})
_LOCALES = frozenset({"root", "en_001", *LOCALES, *LOCALES.values()})
"""Those of `edge/formats.py` with what they inherit from: British English from the world's, all from `root`."""
_NOT_AT_RUN_TIME = frozenset({"__pycache__", "bin", "examples", "test", "tests"})
_TYPES_AND_SOURCES = (".pyi", ".pyx", ".pxd", ".c", ".h", "py.typed")
_METADATA = ("METADATA", "entry_points.txt", "LICENSE", "NOTICE", "COPYING", "AUTHORS")


def rebuild(chalice_zip: Path, workspace: Path, target: Path, door: Door) -> None:
    """Unpack what the door needs into `workspace`, add bytecode, and write `target` reproducibly."""
    with zipfile.ZipFile(chalice_zip) as archive:
        for name in archive.namelist():
            if keeps(name, door):
                archive.extract(name, workspace)
    trim(workspace)
    add_bytecode(workspace)
    write_zip(workspace, target)


def keeps(name: str, door: Door) -> bool:
    """Whether the door needs that file at run time."""
    path = PurePosixPath(name)
    top = path.parts[0]
    if not _NOT_AT_RUN_TIME.isdisjoint(path.parts[:-1]) or name.endswith(("/", *_TYPES_AND_SOURCES)):
        return False
    if top.endswith(".data"):
        return False
    if top.endswith(".dist-info"):
        return path.parts[1] == "licenses" or path.name.startswith(_METADATA)
    return _keeps_module(path, door)


def _keeps_module(path: PurePosixPath, door: Door) -> bool:
    match path.parts:
        case ("botocore", "data", file):
            return file in _SHARED_MODELS
        case ("botocore", "data", service, *_):
            return service in door.services and path.name != "examples-1.json"
        case ("boto3", "data", *_) | ("pycparser", *_) | ("stripe", "params", *_):
            # resources, which we do not use; a parser that cffi needs only when it builds; typed dictionaries for
            # checkers, which the local Stripe double reads and the SDK does not
            return False
        case ("babel", *_):
            return door.words and _keeps_of_babel(path)
        case (top, *_):
            return (door.stripe or top not in _ONLY_FOR_STRIPE) and (door.workbooks or top != "xlsxwriter")
    return True


def _keeps_of_babel(path: PurePosixPath) -> bool:
    """The data of a thousand locales weighs 32 MB; catalogues of translations we have none."""
    if path.parts[1] == "locale-data":
        return path.suffix != ".dat" or path.stem in _LOCALES
    return path.parts[1] != "messages"


def add_bytecode(folder: Path) -> None:
    """Compile every module, in a process of its own so that the bytes depend on the sources alone."""
    places = ["-s", str(folder), "-p", TASK_ROOT]
    command = [sys.executable, "-I", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, *places, str(folder)], check=True)


def write_zip(folder: Path, target: Path) -> None:
    """One zip of the folder: entries in order of their names, one time stamp, two modes."""
    files = sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.as_posix())
    target.unlink(missing_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (0o100755 if ".so" in path.suffixes else 0o100644) << 16
            archive.writestr(entry, path.read_bytes())
