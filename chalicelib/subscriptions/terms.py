"""Terms: a version of them never changes, and what was accepted of it is known by its digest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """A version of the terms: its text by language."""

    version: str
    texts: Mapping[str, str]
    published_at: datetime
    published_by: str

    def digest(self, language: str) -> str:
        """SHA-256, in hex, of the text's UTF-8 bytes: what anybody who has the text can compute."""
        return hashlib.sha256(self.texts[language].encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Accepted:
    """What somebody says that they have read and accept: a version, in a language, by the digest of that text."""

    version: str
    language: str
    digest: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted what when, for which plan, and the confirmation as it was given then.

    `revision` is the subscription's by the act that it was accepted for. `begin_at_once`: they asked expressly to have
    it before the time in which one may withdraw is over; `told_of_withdrawal`: the confirmation says how one does.
    """

    subscription_id: str
    account_id: str
    by: str
    at: datetime
    plan_id: str
    plan_version: int
    accepted: Accepted
    confirmation: str = ""
    revision: int = 1
    begin_at_once: bool = False
    told_of_withdrawal: bool = False
