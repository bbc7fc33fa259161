"""The files of exports in S3: in parts, with checksums, locked for the legal period, and links to them."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.finance.errors import StoreRefused
from chalicelib.storage.objects import Bucket

_PIECE = 1 << 16
_REFUSALS = frozenset(
    {"AccessDenied", "AllAccessDisabled", "InvalidAccessKeyId", "NoSuchBucket", "KMS.DisabledException"}
)
"""What S3 says that saying it again does not change."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each object is locked, from when it is stored. The bucket's own period holds where nothing is said."""

    mode: str
    days: int
    now: Callable[[], datetime]

    def request(self) -> dict[str, Any]:
        """As S3 is asked for it."""
        return {"ObjectLockMode": self.mode, "ObjectLockRetainUntilDate": self.now() + timedelta(days=self.days)}


class ExportFiles:
    """Satisfies `ports.Files`."""

    def __init__(self, bucket: str, endpoint: str | None = None, retention: Retention | None = None) -> None:
        self._bucket, self._retention = Bucket(bucket, endpoint), retention

    def ask(self, operation: str, **request: Any) -> Any:  # noqa: ANN401 -- as above
        """One call about the bucket; `StoreRefused` where asking again would not help."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- as above

        try:
            return self._bucket.ask(operation, **request)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _REFUSALS:
                raise StoreRefused(operation=operation, reason=code) from error
            raise

    def _lock(self) -> dict[str, Any]:
        return self._retention.request() if self._retention is not None else {}

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """One object, with the checksum that an object lock asks for."""
        what = {"Key": key, "Body": content, "ContentType": content_type, "ChecksumAlgorithm": "SHA256"}
        self.ask("put_object", **what, **self._lock())

    def write(self, key: str, content: bytes, content_type: str) -> None:
        """One object."""
        self.put(key, content, content_type)

    def create(self, key: str, content_type: str) -> str:
        """Begin an object in parts; its id."""
        what = {"Key": key, "ContentType": content_type, "ChecksumAlgorithm": "SHA256"}
        return str(self.ask("create_multipart_upload", **what, **self._lock())["UploadId"])

    def begin(self, key: str, content_type: str) -> "S3Upload":
        """Nothing is asked of S3 before there is a whole part."""
        return S3Upload(self, key, content_type)

    def read(self, key: str) -> Iterable[bytes]:
        """As it comes."""
        pieces: Iterable[bytes] = self.ask("get_object", Key=key)["Body"].iter_chunks(_PIECE)
        return pieces

    def find(self, key: str) -> bytes | None:
        """Listed before it is read: where nothing is, reading answers as where the right to it is missing."""
        found = self.ask("list_objects_v2", Prefix=key, MaxKeys=1).get("Contents", ())
        return b"".join(self.read(key)) if [each for each in found if each["Key"] == key] else None

    def link(self, key: str, seconds: int) -> str:
        """Pre-signed."""
        return self._bucket.link("get_object", seconds, Key=key)


class S3Upload:
    """Satisfies `ports.Upload`: one put of what is small, a multipart upload of what is not."""

    def __init__(self, files: ExportFiles, key: str, content_type: str) -> None:
        self._files, self._key, self._content_type = files, key, content_type
        self._upload: str | None = None
        self._parts: list[dict[str, Any]] = []
        self._small: bytes | None = None

    def part(self, content: bytes) -> None:
        """Its checksum goes along, and comes back with the part's tag."""
        if self._upload is None:
            self._upload = self._files.create(self._key, self._content_type)
        number = len(self._parts) + 1
        which = {"Key": self._key, "UploadId": self._upload, "PartNumber": number}
        done = self._files.ask("upload_part", **which, Body=content, ChecksumAlgorithm="SHA256")
        tag = {"PartNumber": number, "ETag": done["ETag"]}
        if "ChecksumSHA256" in done:
            tag["ChecksumSHA256"] = done["ChecksumSHA256"]
        self._parts.append(tag)

    def last(self, content: bytes) -> None:
        """Held, if it is all there is."""
        if self._upload is None:
            self._small = content
        elif content:
            self.part(content)

    def finish(self) -> None:
        """From now on the object is there."""
        if self._upload is None:
            self._files.put(self._key, self._small or b"", self._content_type)
        else:
            parts = {"Parts": self._parts}
            self._files.ask("complete_multipart_upload", Key=self._key, UploadId=self._upload, MultipartUpload=parts)
        self._upload, self._small = None, None

    def abort(self) -> None:
        """The parts are dropped. Where that fails, as where a worker dies, the bucket's rule does it two days later."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- as above

        if self._upload is not None:
            with suppress(StoreRefused, BotoCoreError, ClientError):
                self._files.ask("abort_multipart_upload", Key=self._key, UploadId=self._upload)
        self._upload, self._small = None, None
