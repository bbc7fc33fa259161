"""Exports in DynamoDB, files in S3."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from chalicelib.finance.errors import ExportExists
from chalicelib.finance.model import Export
from chalicelib.finance.records import ExportRecord, export_key, export_of, export_record
from chalicelib.kernel.time import Month
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.writes import Put


class ExportStore:
    """Satisfies `ports.Exports`."""

    def exports(self, month: Month) -> Sequence[Export]:
        """One query."""
        rows = ExportRecord.listed("exports", ExportRecord.sk.startswith(f"{month}#"))
        return [export_of(each) for each in rows]

    def all_exports(self, *, limit: int, after: str | None) -> Sequence[Export]:
        """One query."""
        return [export_of(each) for each in ExportRecord.listed("exports", limit=limit, after=after)]

    def export(self, month: Month, version: int) -> Export | None:
        """One consistent read."""
        record = ExportRecord.find("exports", export_key(month, version))
        return export_of(record) if record else None

    def asking(self, export: Export, now: datetime) -> Sequence[Write]:
        """If that version is new, with the word to the worker."""
        exists = ExportExists(month=str(export.month), version=export.version)
        facts = {"month": str(export.month), "version": str(export.version)}
        key = f"{export.month}:{export.version}"
        put = Put(export_record(export), exists, ExportRecord.pk.does_not_exist())
        return [put, message("finance.export", key, facts, now)]

    def export_ready(self, export: Export) -> Write:
        """Once."""
        exists = ExportExists(month=str(export.month), version=export.version)
        return Put(export_record(export), exists, ExportRecord.ready_at.does_not_exist())


class ExportFiles:
    """Satisfies `ports.Files`."""

    def __init__(self, bucket: str, endpoint: str | None = None) -> None:
        self._bucket = bucket
        self._endpoint = endpoint

    def _client(self, endpoint: str | None) -> Any:  # noqa: ANN401 -- boto3 publishes no types
        import boto3  # noqa: PLC0415 -- an S3 client costs 42 ms, so it is made when needed
        from botocore.config import Config  # noqa: PLC0415 -- as above

        style = Config(signature_version="s3v4", s3={"addressing_style": "path" if endpoint else "auto"})
        return boto3.client("s3", endpoint_url=endpoint, config=style)

    @cached_property
    def _s3(self) -> Any:  # noqa: ANN401 -- as above
        return self._client(None)

    @cached_property
    def _signing(self) -> Any:  # noqa: ANN401 -- as above
        return self._client(self._endpoint) if self._endpoint else self._s3

    def write(self, key: str, content: bytes, content_type: str) -> None:
        """One object, with the checksum that an object lock asks for."""
        self._s3.put_object(
            Bucket=self._bucket, Key=key, Body=content, ContentType=content_type, ChecksumAlgorithm="SHA256"
        )

    def link(self, key: str, seconds: int) -> str:
        """Pre-signed; `endpoint` is where the local run serves its objects."""
        address: str = self._signing.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=seconds
        )
        return address
