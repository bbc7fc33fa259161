"""Notices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a customer should know: a stable code and the facts that words are made of."""

    account_id: str
    about: str
    code: str
    facts: Mapping[str, str]
    told_at: datetime
