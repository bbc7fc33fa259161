"""Several writers at once, one step of one of them at a time: before each call of the tables it is drawn who goes on.

What threads leave to chance is so the same each time that a seed is tried; and no engine has to stand threads.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

from chalicelib.metering.records import Item, Keys
from chalicelib.metering.store import Items

Given = TypeVar("Given")


class Turns:
    """Whose turn it is."""

    def __init__(self, seed: str) -> None:
        self._chance, self._changed = Random(seed), threading.Condition()
        self._writers: list[int] = []
        self._whose = -1
        self.changes = 0

    def all_do(self, works: Sequence[Callable[[], object]]) -> list[BaseException]:
        """Each in a thread of its own, until all are done; what failed."""
        failed: list[BaseException] = []

        def do(number: int, work: Callable[[], object]) -> None:
            try:
                self._wait(number)
                work()
            except BaseException as error:  # noqa: BLE001 -- told to whoever asked for it
                failed.append(error)
            finally:
                self._leave(number)

        self._writers = list(range(len(works)))
        threads = [threading.Thread(target=do, args=each) for each in enumerate(works)]
        self._whose = self._chance.choice(self._writers)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failed

    def step(self, number: int) -> None:
        """Before a call of the tables: somebody goes on, perhaps another one."""
        with self._changed:
            before, self._whose = self._whose, self._chance.choice(self._writers)
            self.changes += before != self._whose
            self._changed.notify_all()
        self._wait(number)

    def _wait(self, number: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._whose == number)

    def _leave(self, number: int) -> None:
        with self._changed:
            self._writers.remove(number)
            self._whose = self._chance.choice(self._writers) if self._writers else -1
            self._changed.notify_all()


class InTurn:
    """One writer's way to the tables. Satisfies `metering.store.Items`."""

    def __init__(self, items: Items, step: Callable[[], None]) -> None:
        self._items, self._step = items, step

    def read(self, keys: Sequence[Keys], *, consistent: bool = True) -> Mapping[Keys, Item]:
        self._step()
        return self._items.read(keys, consistent=consistent)

    def read_each(self, parts: Iterable[Sequence[Keys]]) -> Iterator[Mapping[Keys, Item]]:
        return map(self.read, parts)

    def write(self, items: Sequence[Item]) -> None:
        self._step()
        self._items.write(items)

    def remove(self, keys: Sequence[Keys]) -> None:
        self._step()
        self._items.remove(keys)

    def put(self, items: Sequence[tuple[Item, int]]) -> Sequence[bool]:
        """Others come in between one put and the next."""
        stored = list[bool]()
        for each in items:
            self._step()
            stored += self._items.put([each])
        return stored

    def under(self, pk: str, prefix: str) -> Iterator[Item]:
        self._step()
        yield from self._items.under(pk, prefix)


def in_turn(do: Callable[..., Given], step: Callable[[], None]) -> Callable[..., Given]:
    """The same for a commit."""

    def done(*given: Any) -> Given:  # noqa: ANN401 -- whatever it takes
        step()
        return do(*given)

    return done
