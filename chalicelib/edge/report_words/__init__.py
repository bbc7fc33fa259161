"""What the report and the monitors say around their figures, in each language. No figure is named anywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from chalicelib.kernel.languages import LANGUAGES, Language


@dataclass(frozen=True)
class ReportWords:
    """One language's words, by code: titles of sheets, names of figures and columns, what figures mean, other words."""

    title: str
    of_none: str
    total: str
    month_before: str
    more: str
    nothing: str
    compared: str
    alone: str
    stated: str
    sheets: Mapping[str, str]
    names: Mapping[str, str]
    meanings: Mapping[str, str]
    values: Mapping[str, str]
    charts: Mapping[str, str]
    ties: Mapping[str, str]

    def name(self, code: str) -> str:
        """A figure or a column."""
        plain = self.names.get(code.removeprefix("before:"), code)
        return self.month_before.format(name=plain) if code.startswith("before:") else plain

    def value(self, code: str) -> str:
        """A word that stands in a cell; what has none stands as it is."""
        return self.values.get(code, code)

    def tie(self, code: str) -> str:
        """What is compared with what."""
        if code in self.ties:
            return self.ties[code]
        view, _, figure = code.partition("_")
        if view not in self.names or figure not in self.names:
            return self.value(code)
        kind = self.ties["views" if figure == "margin" else "journal"]
        return kind.format(figure=self.name(figure), view=self.name(view))


def report_words(language: Language) -> ReportWords:
    """A language's words, loaded when they are first said."""
    words: ReportWords = import_module(f"{__name__}.{LANGUAGES[language]}").WORDS
    return words
