"""What a customer has agreed to: a purpose, in the version that was shown; withdrawn at any time.

A partner's purpose `link` is that the partner may know the customer again: under a name that lasts for as long as the
consent does, and that nothing else is told by. It is made at random when the consent is given, and goes with it.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.customers.errors import BadConsent, UnknownConsent
from chalicelib.customers.ports import Consents
from chalicelib.kernel.requirement import LINK
from chalicelib.kernel.writes import Commit

_PURPOSE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[a-z][a-z0-9_]{0,31}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it stands, by its last act: given in that version, or withdrawn. `revision` counts its acts.

    `purpose` is a partner's: `par_1:position`. `account_id` is the customer's own, in which they see who read of it.
    `known_as` is under which name the partner knows the customer again.
    """

    customer_id: str
    purpose: str
    version: str
    given: bool
    at: datetime
    by: str
    account_id: str
    revision: int = 1
    known_as: str | None = None

    def __post_init__(self) -> None:
        if not _PURPOSE.fullmatch(self.purpose):
            raise BadConsent(reason="a partner's purpose, as a quote names it, or its link, as in par_1:link")
        if not _VERSION.fullmatch(self.version):
            raise BadConsent(pointer="/version", reason="1 to 32 letters, digits and ._-")

    @property
    def links(self) -> bool:
        """Whether its purpose is that the partner knows the customer again."""
        return self.purpose.endswith(f":{LINK}")


def link_of(partner_id: str) -> str:
    """The partner's purpose of knowing customers again."""
    return f"{partner_id}:{LINK}"


def give(consent: Consent, name: str, *, consents: Consents, commit: Commit) -> Consent:
    """Agree to a purpose in a version. Agreed to already, nothing is changed.

    A link is by that new name, or by the one that it has: another version of its text is no other link.
    """
    before = consents.consent(consent.customer_id, consent.purpose)
    if before is not None and before.given and before.version == consent.version:
        return before
    if consent.links:
        consent = replace(consent, known_as=before.known_as if before and before.given else name)
    kept = replace(consent, revision=before.revision + 1 if before else 1)
    return commit(consents.changing(kept), kept)


def withdraw(customer_id: str, purpose: str, *, by: str, consents: Consents, now: datetime, commit: Commit) -> Consent:
    """Agree no more: it counts from the next start on, and a link ends. Withdrawn already, nothing is changed."""
    before = consents.consent(customer_id, purpose)
    if before is None:
        raise UnknownConsent(purpose=purpose[:100])
    if not before.given:
        return before
    kept = replace(before, given=False, at=now, by=by, revision=before.revision + 1, known_as=None)
    return commit(consents.changing(kept), kept)
