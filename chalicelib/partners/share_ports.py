"""Where the rules of partners' shares are kept."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.partners.share_terms import ShareTerms


class SharesAgreed(Protocol):
    """All rules that were ever set."""

    def share_terms(self, partner_id: str, month: Month) -> ShareTerms | None:
        """What holds for a month: of those since then or before the latest, and of these what was set last."""

    def all_share_terms(self, partner_id: str) -> Sequence[ShareTerms]:
        """All of a partner's, by month and instant."""

    def setting_share(self, terms: ShareTerms) -> Sequence[Write]:
        """Store what holds from a month on, beside what was set before."""

    def sharing_partners(self) -> Sequence[str]:
        """Who has had a rule."""
