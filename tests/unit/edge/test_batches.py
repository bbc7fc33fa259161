"""A function that never answers a request collects its garbage after its first batch."""

import gc
from collections.abc import Iterator

import pytest

from chalicelib.edge.reacting import each_of


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    gc.enable()


@pytest.mark.parametrize("fails", [False, True])
def test_a_cold_start_ends_with_the_first_batch_however_that_went(fails: bool) -> None:  # noqa: FBT001 -- a case
    def do(_record: str) -> None:
        if fails:
            raise LookupError

    gc.disable()
    left = each_of([("1", "record")], do, lambda _identifier, _error: None)

    assert gc.isenabled()
    assert left == {"batchItemFailures": [{"itemIdentifier": "1"}] if fails else []}
