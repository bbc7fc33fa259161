"""Draws the picture of the report in the README from what the demo has left: `python -m infra.report_picture`.

The page is the finance door's own, made from the demo's files; Chromium draws it, wherever it is found.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from chalicelib.edge.report_files import page_of
from chalicelib.edge.words import Words
from chalicelib.finance.model import Export
from chalicelib.finance.stored_monitors import StoredMonth
from chalicelib.kernel.languages import LANGUAGES
from chalicelib.kernel.time import Month

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "build" / "demo" / "exports"
PAGE, PICTURE = ROOT / "build" / "demo" / "report.html", ROOT / "docs" / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def page(folder: Path, language: str) -> str:
    """The report of a month whose files are in the folder."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    export = Export(
        Month.parse(manifest["month"]), manifest["version"], datetime.fromisoformat(manifest["as_of"]), "demo"
    )

    def fetch(key: str) -> Iterable[bytes]:
        return [(folder / key.removeprefix(export.prefix)).read_bytes()]

    return page_of(StoredMonth(export, fetch), Words(language))


def draw(height: int) -> None:
    """Have a browser draw the page's upper part."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is here to draw {PAGE}")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size=1500,{height}"]
    subprocess.run([browser, *flags, f"--screenshot={PICTURE}", PAGE.as_uri()], check=True, capture_output=True)


def main() -> None:
    """Write the page, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--month", default="2021-06")
    parser.add_argument("--language", default="en", choices=LANGUAGES)
    parser.add_argument("--height", type=int, default=2125)
    told = parser.parse_args()
    PAGE.write_text(page(DEMO / told.month, told.language), encoding="utf-8")
    draw(told.height)
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
