"""Words at the mobile door: asked for, in the reader's language, and saying nothing that the codes do not say."""

from typing import Any, Unpack

import pytest

from tests.doors.callers import How, Reply, done, refused
from tests.doors.world import Partner, World

SESSIONS = "/mobile/v1/access-sessions"
DANISH: How = {"headers": {"Accept-Language": "nb, da-DK;q=0.9, en;q=0.5"}}


class Ride:
    """An ended ride of a little over an hour, and a second one that is open."""

    def __init__(self, world: World, partner: Partner) -> None:
        self.customer = world.customer()
        self.month = f"{world.system.now():%Y-%m}"
        self.ended = world.ride(self.customer, partner.bike(), partner, 3700)
        self.code = partner.bike()
        self.quoted = {"code": self.code, "need": {"use_seconds": "3700"}}
        self.open = self.customer.start(partner.bike())

    def shown(self, query: str = "", **how: Unpack[How]) -> dict[str, Reply]:
        """Every answer that has rated lines in it."""
        return {
            "quote": self.customer.post(f"/mobile/v1/quotes{query}", self.quoted, key=None, **how),
            "running": self.customer.get(f"{SESSIONS}/{self.open}{query}", **how),
            "receipt": self.customer.get(f"{SESSIONS}/{self.ended}/receipt{query}", **how),
            "statement": self.customer.get(f"/mobile/v1/statements/{self.month}{query}", **how),
        }

    def papers(self, **how: Unpack[How]) -> dict[str, Reply]:
        return {
            "receipt": self.customer.get(f"{SESSIONS}/{self.ended}/receipt.txt", **how),
            "statement": self.customer.get(f"/mobile/v1/statements/{self.month}/statement.txt", **how),
        }


@pytest.fixture(scope="module")
def ride(world: World, partner: Partner) -> Ride:
    return Ride(world, partner)


def lines(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for part in [answer, *answer.get("sessions", [])] for line in part.get("lines", [])]


def test_no_line_has_a_text_that_nobody_asked_for_whatever_the_app_accepts(ride: Ride) -> None:
    """
    Browsers and phones send Accept-Language with every request: that is no wish for words.
    """
    for what, reply in ride.shown(**DANISH).items():
        assert lines(done(reply)), what
        assert [line for line in lines(reply.json) if "text" in line] == [], what
        assert "content-language" not in reply.headers, what


def test_every_line_says_itself_in_the_accepted_language_when_words_are_asked_for(ride: Ride) -> None:
    for what, reply in ride.shown("?words=true", **DANISH).items():
        texts = [line["text"] for line in lines(done(reply))]
        assert "Pris pr. brug" in texts, what
        assert (reply.headers["content-language"], reply.headers["vary"]) == ("da", "Accept-Language"), what


def test_words_change_nothing_else_of_an_answer(ride: Ride) -> None:
    plain, said = ride.shown(), ride.shown("?words=true")
    for what in ("receipt", "statement"):
        with_words = done(said[what])
        for line in lines(with_words):
            del line["text"]
        assert with_words == done(plain[what])


def test_without_a_header_it_is_the_customers_own_language_and_english_last(
    world: World, partner: Partner, ride: Ride
) -> None:
    """
    Rides are taken by who signed up in Finnish; others in Swedish, in German, and in Icelandic, which we do not speak.
    """
    first_lines = {}
    for language in ("sv", "de", "is"):
        visitor = world.visitor()
        done(visitor.post("/mobile/v1/me", {"terms_version": "1", "language": language}))
        world.settle()
        quoted = {"code": partner.bike(), "need": {"use_seconds": "600"}}
        said = visitor.post("/mobile/v1/quotes?words=true", quoted, key=None)
        first_lines[said.headers["content-language"]] = done(said)["lines"][0]["text"]

    assert first_lines == {"sv": "Pris per användning", "de": "Preis pro Nutzung", "en": "Price per use"}
    assert {each.headers["content-language"] for each in ride.shown("?words=true").values()} == {"fi"}
    assert {each.headers["content-language"] for each in ride.papers().values()} == {"fi"}


@pytest.mark.parametrize("language", ["xx", "sh", "zz"])
def test_nobody_signs_up_in_a_language_that_is_none(world: World, language: str) -> None:
    visitor = world.visitor()

    reply = visitor.post("/mobile/v1/me", {"terms_version": "1", "language": language})

    refused(reply, 422, "body_invalid", "/language")
    refused(visitor.get("/mobile/v1/me"), 403, "not_signed_up")


@pytest.mark.parametrize(
    ("language", "receipt", "total"),
    [
        ("da", "Kvittering", "I alt, moms inkluderet"),
        ("sv", "Kvitto", "Totalt, moms ingår"),
        ("nl", "Bon", "Totaal, inclusief btw"),
        ("en", "Receipt", "Total, VAT included"),
        ("de", "Beleg", "Gesamt, inkl. MwSt."),
        ("fi", "Kuitti", "Yhteensä, sis. arvonlisäveron"),
    ],
)
def test_papers_are_in_the_accepted_language(ride: Ride, language: str, receipt: str, total: str) -> None:
    replies = ride.papers(headers={"Accept-Language": language})
    for reply in replies.values():
        assert reply.status == 200
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"
        assert (reply.headers["content-language"], reply.headers["vary"]) == (language, "Accept-Language")
        assert total in reply.content.decode()
    assert replies["receipt"].content.decode().startswith(f"{receipt} {ride.ended}\n")


def test_the_papers_say_every_line_of_the_answers_with_the_digest(ride: Ride) -> None:
    said, papers = ride.shown("?words=true", **DANISH), ride.papers(**DANISH)

    for what, paper in papers.items():
        text = " ".join(paper.content.decode().split(" "))
        for line in lines(done(said[what])):
            assert " ".join(line["text"].split()) in " ".join(text.split()), what
    assert done(said["receipt"])["evidence_sha256"] in papers["receipt"].content.decode()


def test_ending_answers_with_codes_alone_so_that_a_repeat_is_the_same_in_every_language(
    world: World, partner: Partner
) -> None:
    """
    The answer is kept under the Idempotency-Key; kept words would be in the language of whoever asked first.
    """
    customer = world.customer()
    session = customer.start(partner.bike())
    ended = customer.post(f"{SESSIONS}/{session}/end", key="end", **DANISH)
    again = customer.post(f"{SESSIONS}/{session}/end", key="end", headers={"Accept-Language": "sv"})

    assert [line for line in lines(done(ended)) if "text" in line] == []
    assert (again.content, again.headers["idempotency-replayed"]) == (ended.content, "true")


def test_a_wish_that_cannot_be_read_is_refused_where_it_stands(ride: Ride) -> None:
    for reply in ride.shown("?words=danish").values():
        refused(reply, 422, "query_invalid", "/words")
    for reply in ride.shown("?language=da").values():
        refused(reply, 422, "query_invalid", "/language")


def test_a_refusal_is_in_no_language_that_it_does_not_say(ride: Ride) -> None:
    for path in (f"{SESSIONS}/none/receipt.txt", "/mobile/v1/statements/2021-13/statement.txt"):
        reply = ride.customer.get(path, **DANISH)
        assert reply.status in {404, 422}
        assert "content-language" not in reply.headers


def test_a_statement_of_another_month_as_text_has_nothing_of_this_one(ride: Ride) -> None:
    reply = ride.customer.get("/mobile/v1/statements/2019-01/statement.txt", **DANISH)

    assert "Intet forbrug i denne måned" in reply.content.decode()
    assert ride.ended not in reply.content.decode()
