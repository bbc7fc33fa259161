"""What no account has a say in is read once for a page of them."""

from collections import Counter

from chalicelib.edge.reading_once import Once, OnceForEach, Told


class Port:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def stated(self, *about: str) -> str | None:
        self.asked[f"stated {about}"] += 1
        return about[0] if about else None

    def of_account(self, account_id: str) -> str:
        self.asked[account_id] += 1
        return account_id


def test_what_is_named_is_asked_once_for_each_thing_it_is_about_and_all_else_each_time() -> None:
    port = Port()
    once = Once(port, "stated")

    answers = [once.stated("a"), once.stated("b"), once.stated("a"), once.stated(), once.stated()]
    of_account = [once.of_account("acc-1") for _ in range(2)]

    assert (answers, of_account) == (["a", "b", "a", None, None], ["acc-1", "acc-1"])
    assert port.asked == {"stated ('a',)": 1, "stated ('b',)": 1, "stated ()": 1, "acc-1": 2}


def test_another_page_asks_anew() -> None:
    port = Port()
    for _ in range(2):
        assert Once(port, "stated").stated("a") == "a"

    assert port.asked["stated ('a',)"] == 2


def test_what_was_told_for_many_is_not_asked_and_all_else_is() -> None:
    class Port:
        def __init__(self) -> None:
            self.asked: list[tuple[str, ...]] = []

        def read(self, *about: str) -> str:
            self.asked.append(about)
            return f"read {about}"

        def other(self) -> str:
            return "other"

    port = Port()
    told = Told(port, read={("acc-1", "may"): None})

    assert told.read("acc-1", "may") is None
    assert told.read("acc-1", "june") == "read ('acc-1', 'june')"
    assert told.other() == "other"
    assert port.asked == [("acc-1", "june")]


def test_of_who_is_read_one_after_the_other_only_the_last_ones_answers_are_kept() -> None:
    port = Port()
    each = OnceForEach(port, "stated")

    answers = [each.stated(*about) for about in (("a", "may"), ("a", "june"), ("a", "may"), ("b", "may"), ("a", "may"))]

    assert answers == ["a", "a", "a", "b", "a"]
    assert port.asked == {"stated ('a', 'may')": 2, "stated ('a', 'june')": 1, "stated ('b', 'may')": 1}
    assert each.of_account("acc-1") == "acc-1"
