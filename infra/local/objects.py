"""Serves what a pre-signed S3 link points to, or takes what it is for, after checking it as S3 does. Nothing else."""

import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from infra.local.apps import REGION
from infra.local.engine import ACCESS_KEY, SECRET_KEY
from infra.local.rest_events import HttpAnswer

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
PREFIX = "/local/objects"
_ALGORITHM = "AWS4-HMAC-SHA256"
_LONGEST = 7 * 24 * 3600
_AHEAD = timedelta(minutes=15)
_SIGNING = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
)
_ASKED = {
    "response-content-disposition": "ResponseContentDisposition",
    "response-content-type": "ResponseContentType",
    "versionId": "VersionId",
}


class _RefusedError(Exception):
    """S3 says no, with this code."""


class ObjectStore:
    """`GET` and `PUT /local/objects/<bucket>/<key>?X-Amz-...` of moto's S3."""

    def __init__(self, s3: Any, wall_clock: Callable[[], float] = time.time) -> None:  # noqa: ANN401 -- boto3's client
        self._s3 = s3
        self._clock = wall_clock

    def answer(
        self, method: str, address: str, headers: Mapping[str, str] = NO_HEADERS, body: bytes = b""
    ) -> HttpAnswer:
        """The object, or S3's own kind of refusal. `address` is the whole URL as it was called."""
        if method not in ("GET", "PUT"):
            return _refusal(405, "MethodNotAllowed")
        try:
            self._verify(method, address, headers)
            return self._object(address) if method == "GET" else self._put(address, headers, body)
        except _RefusedError as refused:
            return _refusal(403, str(refused))
        except ClientError as error:
            return _refusal(int(error.response["ResponseMetadata"]["HTTPStatusCode"]), error.response["Error"]["Code"])

    def _verify(self, method: str, address: str, headers: Mapping[str, str]) -> None:
        given = parse_qsl(urlsplit(address).query, keep_blank_values=True)
        query = dict(given)
        if len(query) != len(given) or not set(_SIGNING) <= set(query) <= {*_SIGNING, *_ASKED}:
            raise _RefusedError("AccessDenied")
        signed = [name for name in query["X-Amz-SignedHeaders"].split(";") if name != "host"]
        wrong = method == "GET" and signed
        if query["X-Amz-Algorithm"] != _ALGORITHM or wrong:
            raise _RefusedError("AuthorizationQueryParametersError")
        self._check_age(query["X-Amz-Date"], query["X-Amz-Expires"])
        scope = f"{ACCESS_KEY}/{query['X-Amz-Date'][:8]}/{REGION}/s3/aws4_request"
        if query["X-Amz-Credential"] != scope:
            raise _RefusedError("InvalidAccessKeyId")
        found = {name: headers.get(name, "") for name in signed}
        made = _signature(method, address, query["X-Amz-Date"], found)
        if not hmac.compare_digest(made, query["X-Amz-Signature"].encode()):
            raise _RefusedError("SignatureDoesNotMatch")

    def _check_age(self, date: str, expires: str) -> None:
        try:
            made = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            lasts = int(expires)
        except ValueError as error:
            raise _RefusedError("AuthorizationQueryParametersError") from error
        now = datetime.fromtimestamp(self._clock(), UTC)
        if not 0 < lasts <= _LONGEST or made > now + _AHEAD:
            raise _RefusedError("AuthorizationQueryParametersError")
        if now >= made + timedelta(seconds=lasts):
            raise _RefusedError("AccessDenied")

    def _put(self, address: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Stored if the bytes are those that the headers announce; moto itself does not compare."""
        bucket, _, key = unquote(urlsplit(address).path).removeprefix(PREFIX + "/").partition("/")
        checksum = b64encode(hashlib.sha256(body).digest()).decode()
        if headers.get("x-amz-checksum-sha256") != checksum or headers.get("content-length") != str(len(body)):
            return _refusal(400, "BadDigest")
        given = {
            "ContentType": headers.get("content-type", ""),
            "ChecksumSHA256": checksum,
            "ChecksumAlgorithm": "SHA256",
        }
        if "if-none-match" in headers:
            given["IfNoneMatch"] = headers["if-none-match"]
        done = self._s3.put_object(Bucket=bucket, Key=key, Body=body, **given)
        return HttpAnswer(200, [("ETag", done["ETag"]), ("x-amz-version-id", done["VersionId"])], b"")

    def _object(self, address: str) -> HttpAnswer:
        parts = urlsplit(address)
        bucket, _, key = unquote(parts.path).removeprefix(PREFIX + "/").partition("/")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        wanted = {_ASKED[name]: value for name, value in query.items() if name in _ASKED}
        found = self._s3.get_object(Bucket=bucket, Key=key, **wanted)
        headers = [("Content-Type", wanted.get("ResponseContentType") or found["ContentType"]), ("ETag", found["ETag"])]
        if "ResponseContentDisposition" in wanted:
            headers.append(("Content-Disposition", wanted["ResponseContentDisposition"]))
        return HttpAnswer(200, headers, found["Body"].read())


def _signature(method: str, address: str, date: str, headers: Mapping[str, str]) -> bytes:
    """What botocore signs for this address at that time with the local run's key."""
    parts = urlsplit(address)
    query = "&".join(each for each in parts.query.split("&") if not each.startswith("X-Amz-Signature="))
    request = AWSRequest(method, parts._replace(query=query).geturl(), headers=dict(headers))
    request.context["timestamp"] = date
    auth = S3SigV4QueryAuth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", REGION)
    to_sign = auth.string_to_sign(request, auth.canonical_request(request))
    return str(auth.signature(to_sign, request)).encode()


def _refusal(status: int, code: str) -> HttpAnswer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{escape(code)}</Code></Error>'
    return HttpAnswer(status, [("Content-Type", "application/xml")], body.encode())
