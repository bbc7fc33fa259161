"""Packs the four doors, offline: `python -m infra.package [door ...]`, or `make package`.

`build/package/<door>/` then holds `deployment.zip` (the same bytes for the same sources, requirements and Python),
`sam.json`, and `cloudformation.json`, what AWS will make of it. ARCH=arm64 packs for Graviton.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra import sam
from infra.bundle import rebuild
from infra.doors import DOORS, Door, door
from infra.placed import write_places

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "build" / "package"
STAGE = "deployed"
"""Chalice's own word for a set of settings; which stage of ours it is, the template's parameter says."""

_MEGABYTE = 1_000_000


def package(wanted: Door, packages: Path = PACKAGES, architecture: str = "x86_64") -> Path:
    """Pack one door from nothing; the answer is its zip."""
    output, staging = packages / wanted.name, packages.with_name("staging") / wanted.name
    for folder in (output, staging):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    project = _project(wanted.name, staging, architecture)
    template = sam.merge_template(wanted.name)
    merge = staging / "merge.json"
    merge.write_text(json.dumps(template), encoding="utf-8")
    arguments = ("--project-dir", project, "package", "--stage", STAGE, "--merge-template", merge, staging / "chalice")
    settings = {**sam.offline(), **sam.stand_ins(template), "PYTHONDONTWRITEBYTECODE": "1"}
    _chalice(arguments, settings)
    write_places(project, staging / "content", settings)
    rebuild(staging / "chalice" / "deployment.zip", staging / "content", output / "deployment.zip", wanted)
    shutil.copy(staging / "chalice" / "sam.json", output)
    _check_settings(project, output / "sam.json")
    shutil.rmtree(staging)
    sam.check(output / "sam.json")
    return output / "deployment.zip"


def _project(name: str, staging: Path, architecture: str) -> Path:
    """A copy of the project for Chalice to work in: nothing stale in it, nothing left behind in `functions/`."""
    source, project = ROOT / "functions" / name, staging / "project"
    shutil.copytree(source / ".chalice", project / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copy(source / "app.py", project)
    for linked in ("chalicelib", "requirements.txt"):
        (project / linked).symlink_to((source / linked).resolve())
    config = project / ".chalice" / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8"))
    settings["stages"][STAGE]["lambda_architecture"] = architecture
    config.write_text(json.dumps(settings), encoding="utf-8")
    return project


def _check_settings(project: Path, sam_json: Path) -> None:
    """Chalice ignores settings of a function that the app does not have; such a function would get another's rights."""
    settings = json.loads((project / ".chalice" / "config.json").read_text(encoding="utf-8"))["stages"][STAGE]
    made = json.loads(sam_json.read_text(encoding="utf-8"))["Resources"]
    for name in settings.get("lambda_functions", {}):
        if "".join(part.capitalize() for part in name.split("_")) not in made:
            sys.exit(f"config.json has settings for {name}, but the app has no such function")


def _chalice(arguments: Sequence[str | Path], environment: Mapping[str, str]) -> None:
    command = [Path(sys.executable).with_name("chalice"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"chalice could not package:\n{done.stdout}{done.stderr}")


def main(names: list[str]) -> None:
    """Pack the doors of those names, or all of them, and print their sizes."""
    wanted = [door(name) for name in names] or list(DOORS)
    architecture = os.environ.get("ARCH", "x86_64")
    with ThreadPoolExecutor(max_workers=2) as pool:
        zips = list(pool.map(lambda each: package(each, architecture=architecture), wanted))
    for each, made in zip(wanted, zips, strict=True):
        print(f"{each.name:8} {made.stat().st_size / _MEGABYTE:6.1f} MB  {made.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
