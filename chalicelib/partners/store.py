"""Partners in DynamoDB."""

from collections.abc import Iterable, Sequence

from chalicelib.kernel.writes import Write
from chalicelib.partners.errors import IdTaken, UnknownKey
from chalicelib.partners.model import ApiKey, Partner
from chalicelib.partners.records import (
    PARTNERS,
    KeyRecord,
    PartnerRecord,
    key_of,
    key_records,
    listed_record,
    partner_of,
    partner_record,
)
from chalicelib.storage.writes import Put


class PartnerStore:
    """Satisfies `ports.Partners`."""

    def find(self, partner_id: str) -> Partner | None:
        """One read."""
        record = PartnerRecord.find(f"partner#{partner_id}", "partner")
        return partner_of(record) if record else None

    def all(self, *, limit: int | None = None, after: str | None = None) -> Iterable[Partner]:
        """One query a page."""
        return map(partner_of, PartnerRecord.listed(PARTNERS, limit=limit, after=after))

    def key(self, key_id: str) -> ApiKey | None:
        """One consistent read."""
        record = KeyRecord.find(f"key#{key_id}", "key")
        return key_of(record) if record else None

    def keys_of(self, partner_id: str) -> Sequence[ApiKey]:
        """One query."""
        return [key_of(each) for each in KeyRecord.listed(f"partner#{partner_id}", KeyRecord.sk.startswith("key#"))]

    def adding(self, partner: Partner) -> Sequence[Write]:
        """Unless the id is taken; both of its items."""
        own = Put(partner_record(partner), IdTaken(), PartnerRecord.pk.does_not_exist())
        return [own, self.listing(partner)]

    def listing(self, partner: Partner) -> Write:
        """The same item however often: nothing of a partner changes."""
        return Put(listed_record(partner), IdTaken())

    def adding_key(self, key: ApiKey) -> Sequence[Write]:
        """Unless the id is taken."""
        return [Put(each, IdTaken(), KeyRecord.pk.does_not_exist()) for each in key_records(key)]

    def revoking(self, key: ApiKey) -> Sequence[Write]:
        """If the key is there; both of its items."""
        return [Put(each, UnknownKey(key_id=key.key_id), KeyRecord.pk.exists()) for each in key_records(key)]
