"""Evidence of charges in S3: each file under its digest, put once over a short-lived link, kept by version."""

from base64 import b64encode
from dataclasses import replace

from chalicelib.billing.owed_model import Evidence, PartnerCharge
from chalicelib.billing.owed_ports import LINK_SECONDS, Upload
from chalicelib.storage.objects import Bucket

_ONCE = "*"
_NOT_THERE = ("403", "404")
"""The codes of an answer without a body: whoever may not list a bucket is refused what is not there."""


class EvidenceBucket:
    """Satisfies `billing.owed_ports.EvidenceFiles`.

    The link to put a file is signed over its length, its media type and its SHA-256, which S3 checks, and over the
    condition that nothing is there: no other bytes can be put with it, and none in place of those.
    """

    def __init__(self, bucket: str, endpoint: str | None = None) -> None:
        self._bucket = Bucket(bucket, endpoint)

    def upload(self, charge: PartnerCharge, file: Evidence) -> Upload:
        """Pre-signed; the headers are part of what is signed."""
        checksum = b64encode(bytes.fromhex(file.sha256)).decode()
        asked: dict[str, object] = {
            "Key": key_of(charge, file),
            "ContentLength": file.size,
            "ContentType": file.content_type,
            "ChecksumSHA256": checksum,
            "IfNoneMatch": _ONCE,
        }
        href = self._bucket.link("put_object", LINK_SECONDS, **asked)
        headers = {
            "Content-Length": str(file.size),
            "Content-Type": file.content_type,
            "If-None-Match": _ONCE,
            "x-amz-checksum-sha256": checksum,
        }
        return Upload(href, headers, LINK_SECONDS)

    def seal(self, charge: PartnerCharge, file: Evidence) -> Evidence | None:
        """One HEAD: what is there by now has the length and type that were announced; its digest S3 has checked."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- as above

        try:
            found = self._bucket.ask("head_object", Key=key_of(charge, file))
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return None
            raise
        if (found["ContentLength"], found["ContentType"]) != (file.size, file.content_type):
            return None
        return replace(file, version=str(found["VersionId"]))

    def link(self, charge: PartnerCharge, file: Evidence) -> str:
        """Pre-signed, of the version that was sealed."""
        return self._bucket.link("get_object", LINK_SECONDS, Key=key_of(charge, file), VersionId=file.version)


def key_of(charge: PartnerCharge, file: Evidence) -> str:
    """Under its partner and its charge, by its digest."""
    return f"evidence/{charge.partner_id}/{charge.charge_id}/{file.sha256}"
