"""What a door's package has of our modules: all that it can come to run, and nothing that it cannot."""

from pathlib import Path

import pytest

from infra.reached import PACKAGE, module_name, reached

ROOT = Path(__file__).resolve().parents[2]
MODULES = {module_name(path.relative_to(ROOT)): path for path in (ROOT / PACKAGE).rglob("*.py")}


def of(door: str) -> frozenset[str]:
    return reached([(ROOT / "functions" / door / "app.py").read_text(encoding="utf-8")], MODULES)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("import chalicelib.b.c", {"chalicelib", "chalicelib.b", "chalicelib.b.c"}),
        ("from chalicelib import a", {"chalicelib", "chalicelib.a", "chalicelib.b"}),
        ("def f():\n    from chalicelib.b.c import anything", {"chalicelib", "chalicelib.b", "chalicelib.b.c"}),
        ("c = lazily('chalicelib.b.c')", {"chalicelib", "chalicelib.b", "chalicelib.b.c"}),
        ("import_module(f'chalicelib.b.{which}')", {"chalicelib", "chalicelib.b", "chalicelib.b.c", "chalicelib.b.d"}),
        ("if TYPE_CHECKING:\n    import chalicelib.a\nelse:\n    import chalicelib.b", {"chalicelib", "chalicelib.b"}),
        ("import msgspec\nname = 'not.chalicelib.a'", set()),
    ],
)
def test_what_is_imported_named_or_chosen_by_name_is_reached_with_the_packages_around_it(
    tmp_path: Path, line: str, named: set[str]
) -> None:
    """And what that imports; but not what only checkers of types see."""
    sources = {"chalicelib/__init__.py": "", "chalicelib/a.py": "import chalicelib.b", "chalicelib/b/__init__.py": ""}
    sources |= {"chalicelib/b/c.py": "import chalicelib", "chalicelib/b/d.py": ""}
    for path, source in sources.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source, encoding="utf-8")
    modules = {module_name(Path(path)): tmp_path / path for path in sources}

    assert reached([line], modules) == named


def test_a_door_is_packed_without_what_only_others_run() -> None:
    assert {f"{PACKAGE}.finance.report", f"{PACKAGE}.edge.reacting"}.isdisjoint(of("mobile"))
    assert f"{PACKAGE}.billing.settling" not in of("partner")
    assert {f"{PACKAGE}.finance.report", f"{PACKAGE}.edge.report_words.finnish"} <= of("workers")
