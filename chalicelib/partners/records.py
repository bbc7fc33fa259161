"""Partners as items.

partner#<id>   partner          the partner
partners       <id>             the same partner, to list all of them
partner#<id>   key#<key id>     its keys, to list them
key#<key id>   key              the same key, to find it when it is presented
"""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.partners.model import ApiKey, Partner
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName

PARTNERS = "partners"


class PartnerRecord(Record):
    """A partner, by its id and among all."""

    class Meta:
        """Owned by partners."""

        table_name = TableName("partners")

    name = UnicodeAttribute()
    created_at = InstantAttribute()


class KeyRecord(Record):
    """An API key, without its secret."""

    class Meta:
        """Owned by partners."""

        table_name = TableName("partners")

    key_id = UnicodeAttribute()
    partner_id = UnicodeAttribute()
    mode = UnicodeAttribute()
    label = UnicodeAttribute()
    secret_hash = UnicodeAttribute()
    created_at = InstantAttribute()
    revoked_at = InstantAttribute(null=True)
    device_id = UnicodeAttribute(null=True)


def partner_record(partner: Partner) -> PartnerRecord:
    """The item of a partner."""
    return PartnerRecord(
        pk=f"partner#{partner.partner_id}", sk="partner", name=partner.name, created_at=partner.created_at
    )


def listed_record(partner: Partner) -> PartnerRecord:
    """The item of a partner in the list of all."""
    return PartnerRecord(pk=PARTNERS, sk=partner.partner_id, name=partner.name, created_at=partner.created_at)


def partner_of(record: PartnerRecord) -> Partner:
    """The partner of an item."""
    partner_id = record.sk if record.pk == PARTNERS else record.pk.removeprefix("partner#")
    return Partner(partner_id, record.name, record.created_at)


def key_records(key: ApiKey) -> tuple[KeyRecord, KeyRecord]:
    """The two items of a key: by its id, and in its partner's list."""
    return (
        _key_record(key, pk=f"key#{key.key_id}", sk="key"),
        _key_record(key, pk=f"partner#{key.partner_id}", sk=f"key#{key.key_id}"),
    )


def _key_record(key: ApiKey, *, pk: str, sk: str) -> KeyRecord:
    return KeyRecord(
        pk=pk,
        sk=sk,
        key_id=key.key_id,
        partner_id=key.partner_id,
        mode=key.mode,
        label=key.label,
        secret_hash=key.secret_hash,
        created_at=key.created_at,
        revoked_at=key.revoked_at,
        device_id=key.device_id,
    )


def key_of(record: KeyRecord) -> ApiKey:
    """The key of an item."""
    return ApiKey(
        record.key_id,
        record.partner_id,
        record.mode,
        record.label,
        record.secret_hash,
        record.created_at,
        record.revoked_at,
        record.device_id,
    )
