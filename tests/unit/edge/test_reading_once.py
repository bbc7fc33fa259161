"""What no account has a say in is read once for a page of them."""

from collections import Counter

from chalicelib.edge.reading_once import Once


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
