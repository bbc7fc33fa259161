"""A row of a monitor as the door shows it: what only one of two months has was nothing in the other."""

import pytest

from chalicelib.edge.monitor_shapes import FigureShown, PageOfRows, show_monitor
from chalicelib.finance.monitor_model import CUSTOMERS, RECOGNITION, Figures, Head, Row
from tests.unit.finance.monitored import JUNE, MAY


def shown(monitor: str, figures: Figures, before: Figures | None) -> dict[str, FigureShown]:
    """The figures of the one row that there is."""
    row = Row("all", "key", "EUR", figures, before)
    page = show_monitor(Head(monitor, JUNE, MAY, 1, {}), 1, PageOfRows("all", [row], more=False), None)
    return page.items[0].figures


@pytest.mark.parametrize(
    ("figures", "before", "found"),
    [
        ({"tax": 150}, None, FigureShown("1.50", "0.00")),
        ({"tax": 150}, {}, FigureShown("1.50", "0.00")),
        ({}, {"tax": 150}, FigureShown("0.00", "1.50")),
        ({"tax": 50}, {"tax": 150}, FigureShown("0.50", "1.50")),
    ],
)
def test_a_figure_that_one_month_has_was_nothing_in_the_other(
    figures: Figures, before: Figures | None, found: FigureShown
) -> None:
    assert shown(RECOGNITION, figures, before) == {"tax": found}


def test_what_is_expected_is_unknown_where_nobody_stood_there_and_never_nothing() -> None:
    assert shown(CUSTOMERS, {}, {"expected": 150}) == {"expected": FigureShown(None, "1.50")}
    assert shown(CUSTOMERS, {"expected": 150}, {}) == {"expected": FigureShown("1.50", None)}
