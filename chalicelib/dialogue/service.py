"""Tell a customer something."""

from chalicelib.dialogue.model import Notice
from chalicelib.dialogue.ports import Notices
from chalicelib.kernel.writes import Commit


def tell(notice: Notice, *, notices: Notices, commit: Commit) -> Notice:
    """Put a notice into the customer's feed. Telling the same again leaves one."""
    return commit([notices.telling(notice)], notice)
