"""Runs the collectors: `python -m tests.benchmarks [module ...]`, or `make bench`."""

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

from tests import benchmarks
from tests.benchmarks import Figures, Targets

OUTPUT = Path("build/bench.json")


def collectors(names: list[str]) -> list[ModuleType]:
    """The modules of those names, or every module that has figures."""
    found = names or sorted(each.name for each in pkgutil.iter_modules(benchmarks.__path__) if each.name != "__main__")
    modules = [importlib.import_module(f"tests.benchmarks.{name}") for name in found]
    return [module for module in modules if hasattr(module, "figures")]


def table(figures: Figures, targets: Targets) -> str:
    """One line a figure: its name, its value, its target, and whether it is met."""
    lines = []
    for name, figure in sorted(figures.items()):
        target = targets.get(name)
        verdict = "" if target is None else "met" if target.met(figure, figures) else "MISSED"
        lines.append(f"{name:34} {figure:12.3f}  {'' if target is None else str(target):32} {verdict}".rstrip())
    return "\n".join(lines)


def main(names: list[str]) -> None:
    """Measure, write, print. Figures of modules that were not run stay as they were."""
    figures: Figures = json.loads(OUTPUT.read_text()) if names and OUTPUT.exists() else {}
    targets: dict[str, benchmarks.Target] = {}
    for module in collectors(names):
        sys.stderr.write(f"measuring {module.__name__.rsplit('.', 1)[1]}\n")
        figures |= module.figures()
        targets |= module.TARGETS
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    sys.stdout.write(f"{table(figures, targets)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
