"""Rules of partners' shares as items of the partners' table.

partner#<id>   share#<month>#<set at>   a rule of its share, from a month on
sharing        <id>                     who has had a rule, to list them
"""

from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.kernel.time import Month, format_instant
from chalicelib.partners.share_terms import ShareTerms
from chalicelib.rating.share_document import rule_document, rule_from_document
from chalicelib.storage.attributes import DocumentAttribute, InstantAttribute
from chalicelib.storage.record import Record, TableName

_TABLE = TableName("partners")
SHARING = "sharing"


class ShareRecord(Record):
    """A rule of a partner's share."""

    class Meta:
        """Owned by partners."""

        table_name = _TABLE

    rule: Any = DocumentAttribute()
    set_by = UnicodeAttribute()
    set_at = InstantAttribute()


class SharingRecord(Record):
    """A partner that has had a rule."""

    class Meta:
        """Owned by partners."""

        table_name = _TABLE


def share_key(since: Month) -> str:
    """What the sort keys of all rules from a month on begin with."""
    return f"share#{since}#"


def share_record(terms: ShareTerms) -> ShareRecord:
    """The item of a rule."""
    return ShareRecord(
        pk=f"partner#{terms.partner_id}",
        sk=share_key(terms.since) + format_instant(terms.set_at),
        rule=rule_document(terms.rule),
        set_by=terms.set_by,
        set_at=terms.set_at,
    )


def share_terms_of(record: ShareRecord) -> ShareTerms:
    """The rule of an item."""
    since = Month.parse(record.sk.split("#")[1])
    partner_id = record.pk.removeprefix("partner#")
    return ShareTerms(partner_id, since, rule_from_document(record.rule), record.set_by, record.set_at)
