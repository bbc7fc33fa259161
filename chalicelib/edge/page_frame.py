"""What stands around every page: its language, its title, and what a screen reader and a printer need first."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def framed(language: str, title: str, parts: Iterable[str], style: str = "") -> str:
    """A whole page of the parts, under its title as the first heading."""
    head = f"<style>{style}</style></head>" if style else "</head>"
    page = (
        "<!DOCTYPE html>",
        f'<html lang="{language}">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{escape(title)}</title>{head}",
        f"<body><main><h1>{escape(title)}</h1>",
        *parts,
        "</main></body></html>",
    )
    return "\n".join(page) + "\n"


def policy_with(style: str) -> str:
    """The Content-Security-Policy under which a page may have that one style, and nothing else."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
