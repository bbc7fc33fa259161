"""Customers' data files in S3, in a bucket that removes them after a week; links to them are good for minutes."""

from chalicelib.storage.objects import Bucket

_JSON = "application/json"


class OwnFiles:
    """Satisfies `own_ports.OwnFiles`."""

    def __init__(self, bucket: str, endpoint: str | None = None) -> None:
        self._bucket = Bucket(bucket, endpoint)

    def write(self, key: str, content: bytes) -> None:
        """One put; again, it is the same object."""
        self._bucket.ask("put_object", Key=key, Body=content, ContentType=_JSON, ChecksumAlgorithm="SHA256")

    def read(self, key: str) -> bytes:
        """One get."""
        return bytes(self._bucket.ask("get_object", Key=key)["Body"].read())

    def link(self, key: str, seconds: int) -> str:
        """Pre-signed."""
        return self._bucket.link("get_object", seconds, Key=key)
