"""Which module has which routes and topics of a door, asked of the door itself: `python -m infra.placed` beside app.py.

A packed door loads what it does when that is first asked for (`chalicelib/edge/places.py`), so what is declared there
has to be known before.
"""

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from chalicelib.edge.places import FILE, Places

_ROOT = Path(__file__).resolve().parent.parent


def write_places(project: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Beside the app.py that is packed in `folder`, write down where the project's desks are."""
    command = [sys.executable, "-m", "infra.placed"]
    search = {"PYTHONPATH": f"{project}:{_ROOT}"}
    done = subprocess.run(
        command, cwd=project, env={**environment, **search}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"the door does not say where its desks are:\n{done.stdout}{done.stderr}")
    folder.mkdir(exist_ok=True)
    (folder / FILE.name).write_text(done.stdout, encoding="utf-8")


def main() -> None:
    """Print the places of the door whose app.py is found first; topics are those of a door that reacts to messages."""
    door = importlib.import_module("app").app
    reacting = sys.modules.get("chalicelib.edge.reacting")
    places = Places(routes=door.places, topics=reacting.topic_places() if reacting else {})
    json.dump(places, sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()
