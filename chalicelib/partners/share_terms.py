"""Rules of a partner's share, each from a month on."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.kernel.time import Month
from chalicelib.rating.share import ShareRule


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """The rule of a partner's share from a month on: who set it, and when. Another one is set beside it."""

    partner_id: str
    since: Month
    rule: ShareRule
    set_by: str
    set_at: datetime
