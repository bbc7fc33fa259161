"""A bucket in S3: calls about it, and links to what is in it. Known to the stores that keep files."""

from functools import cached_property
from typing import Any


class Bucket:
    """The clients are made when needed: most requests touch no file.

    Links are signed for `endpoint`, where there is one: the local run serves its objects there.
    """

    def __init__(self, name: str, endpoint: str | None = None) -> None:
        self._name, self._endpoint = name, endpoint

    def _client(self, endpoint: str | None) -> Any:  # noqa: ANN401 -- boto3 publishes no types
        import boto3  # noqa: PLC0415 -- an S3 client costs 42 ms
        from botocore.config import Config  # noqa: PLC0415 -- as above

        style = Config(signature_version="s3v4", s3={"addressing_style": "path" if endpoint else "auto"})
        return boto3.client("s3", endpoint_url=endpoint, config=style)

    @cached_property
    def _s3(self) -> Any:  # noqa: ANN401 -- as above
        return self._client(None)

    @cached_property
    def _signing(self) -> Any:  # noqa: ANN401 -- as above
        return self._client(self._endpoint) if self._endpoint else self._s3

    def ask(self, operation: str, **request: Any) -> Any:  # noqa: ANN401 -- as above
        """One call about the bucket."""
        return getattr(self._s3, operation)(Bucket=self._name, **request)

    def link(self, operation: str, seconds: int, **request: Any) -> str:  # noqa: ANN401 -- as above
        """An address by which whoever holds it may do so much, for so long."""
        params = {"Bucket": self._name, **request}
        return str(self._signing.generate_presigned_url(operation, Params=params, ExpiresIn=seconds))
