"""Rules of partners' shares in DynamoDB."""

from collections.abc import Sequence

from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.partners.errors import ShareSetMeanwhile
from chalicelib.partners.share_items import (
    SHARING,
    ShareRecord,
    SharingRecord,
    share_key,
    share_record,
    share_terms_of,
)
from chalicelib.partners.share_terms import ShareTerms
from chalicelib.storage.writes import Put


class ShareTermsStore:
    """Satisfies `share_ports.SharesAgreed`."""

    def share_terms(self, partner_id: str, month: Month) -> ShareTerms | None:
        """One query for the newest that began by then."""
        until = ShareRecord.sk.between("share#", share_key(month) + "~")
        rows = ShareRecord.listed(f"partner#{partner_id}", until, limit=1, backwards=True)
        return next(map(share_terms_of, rows), None)

    def all_share_terms(self, partner_id: str) -> Sequence[ShareTerms]:
        """One query."""
        rows = ShareRecord.listed(f"partner#{partner_id}", ShareRecord.sk.startswith("share#"))
        return [share_terms_of(each) for each in rows]

    def setting_share(self, terms: ShareTerms) -> Sequence[Write]:
        """The rule, and the partner among those that have one."""
        meanwhile = ShareSetMeanwhile()
        listed = SharingRecord(SHARING, terms.partner_id)
        return [Put(share_record(terms), meanwhile, ShareRecord.pk.does_not_exist()), Put(listed, meanwhile)]

    def sharing_partners(self) -> Sequence[str]:
        """One query."""
        return [each.sk for each in SharingRecord.listed(SHARING)]
