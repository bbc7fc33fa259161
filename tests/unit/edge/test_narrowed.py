"""A list that is narrowed looks at so many rows for a page, and no row is lost or shown twice between pages."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edge import paging
from chalicelib.edge.paging import Page, PageQuery, narrowed


class Listed:
    """Numbers in a list, each its own place."""

    def __init__(self, rows: Sequence[int]) -> None:
        self.rows, self.asked = sorted(rows), list[int]()

    def read(self, limit: int, after: str | None) -> list[int]:
        self.asked.append(limit)
        return [each for each in self.rows if after is None or each > int(after)][:limit]

    def page(self, wanted: set[int], limit: int, after: str | None = None) -> Page[int]:
        return narrowed(PageQuery(limit, after), self.read, int, str, lambda each: each in wanted)


@given(st.sets(st.integers(0, 900)), st.sets(st.integers(0, 900)), st.integers(1, 200))
def test_pages_together_are_all_that_fits_in_order(rows: set[int], wanted: set[int], limit: int) -> None:
    listed, found, after = Listed([*rows]), list[int](), None
    while True:
        page = listed.page(wanted, limit, after)
        assert len(page.items) <= limit
        found += page.items
        if page.next is None:
            break
        after = page.next

    assert found == sorted(rows & wanted)


def test_a_page_of_what_is_seldom_is_empty_and_says_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_LOOKED_AT", 300)
    listed = Listed(range(1000))
    page = listed.page({999}, 10)

    assert (page.items, page.next) == ([], "409")
    assert listed.asked == [10, 200, 200]


def test_what_is_not_narrowed_reads_no_more_than_the_page() -> None:
    listed = Listed(range(1000))

    assert listed.page(set(range(1000)), 50).next == "49"
    assert listed.asked == [50]
