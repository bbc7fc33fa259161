"""One started engine for those who need AWS."""

from collections.abc import Iterator

import pytest

from infra.local.engine import Engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    started = Engine("moto", seed=1).start()
    try:
        yield started
    finally:
        started.stop()
