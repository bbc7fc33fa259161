"""What is held about a person: a kind of item, why, whence, for how long, and what becomes of it when they leave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """Why it is held (article 6 of the GDPR in brackets)."""

    AGREEMENT = "to keep the agreement with you (1b)"
    BOOKS = "to keep books, as the law asks (1c)"
    CLAIMS = "to answer for claims on both sides (1f)"
    CONSENT = "because you have agreed to it (1a)"
    ACCOUNTABILITY = "to show who has looked at your data (1c)"
    RUNNING = "to do what was asked for, once and in order (1b)"


class Source(StrEnum):
    """Whence it comes."""

    YOU = "you"
    USE = "your use, as our doors saw it"
    PARTNER = "the partner whose thing you used, or the thing itself"
    PROVIDER = "the payment provider"
    VERIFIER = "the verifier whom you showed something"
    US = "made by us of the rest"


class Leaving(StrEnum):
    """What becomes of it when the account is erased."""

    ERASED = "erased"
    UNLINKED = "kept under a pseudonym that leads to nobody any more but whom issued documents name as their buyer"
    ON_DOCUMENTS = "kept where a document that was issued names it, erased where none does"
    RUNS_OUT = "removed when its time is over"


class Whose(StrEnum):
    """What the partition of a kind is named after."""

    ACCOUNT = "{account}"
    CUSTOMER = "{customer}"
    SUBJECT = "{subject}"
    SESSION = "{session}"
    NOBODY = ""


OPEN = "as long as the account is open"
LEGAL = "for the legal period of bookkeeping (ten years unless the operator states another)"


@dataclass(frozen=True, slots=True)
class Holding:
    """A kind of item: in which area, under which keys, and what is said of it.

    `pk` has the placeholder of whose it is; one of nobody's own holds a copy for others to find it by, in partitions
    that begin so, and its values are shown where the original is. `name` is shared by kinds that are one thing.
    """

    name: str
    area: str
    pk: str
    sk: str
    purpose: Purpose
    source: Source
    retention: str
    leaving: Leaving

    @property
    def whose(self) -> Whose:
        """What its partition is named after."""
        return next((each for each in Whose if each and each in self.pk), Whose.NOBODY)

    @property
    def is_copy(self) -> bool:
        """Whether it lets others find what is held elsewhere."""
        return self.whose is Whose.NOBODY

    def partition(self, ids: Mapping[Whose, str]) -> str:
        """Its partition, of these people and things."""
        return self.pk.replace(self.whose, ids[self.whose])

    def holds(self, area: str, pk: str, sk: str) -> bool:
        """Whether an item of these keys is of this kind."""
        before, _, after = self.pk.partition(self.whose) if self.whose else (self.pk, "", "")
        there = pk.startswith(before) and pk.endswith(after) and len(pk) > len(before) + len(after) - (not self.whose)
        return area == self.area and there and sk.startswith(self.sk)


def holding_of(area: str, pk: str, sk: str, holdings: Iterable[Holding]) -> Holding | None:
    """The kind of an item: the one whose keys say most of it."""
    found = [each for each in holdings if each.holds(area, pk, sk)]
    return max(found, key=lambda each: (len(each.pk), len(each.sk)), default=None)
