"""Serves what a pre-signed S3 link points to, after checking its signature and expiry as S3 does. Nothing else."""

import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from infra.local.apps import REGION
from infra.local.engine import ACCESS_KEY, SECRET_KEY
from infra.local.rest_events import HttpAnswer

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
    """`GET /local/objects/<bucket>/<key>?X-Amz-...` of moto's S3."""

    def __init__(self, s3: Any, wall_clock: Callable[[], float] = time.time) -> None:  # noqa: ANN401 -- boto3's client
        self._s3 = s3
        self._clock = wall_clock

    def answer(self, method: str, address: str) -> HttpAnswer:
        """The object, or S3's own kind of refusal. `address` is the whole URL as it was called."""
        if method != "GET":
            return _refusal(405, "MethodNotAllowed")
        try:
            self._verify(address)
            return self._object(address)
        except _RefusedError as refused:
            return _refusal(403, str(refused))
        except ClientError as error:
            return _refusal(int(error.response["ResponseMetadata"]["HTTPStatusCode"]), error.response["Error"]["Code"])

    def _verify(self, address: str) -> None:
        given = parse_qsl(urlsplit(address).query, keep_blank_values=True)
        query = dict(given)
        if len(query) != len(given) or not set(_SIGNING) <= set(query) <= {*_SIGNING, *_ASKED}:
            raise _RefusedError("AccessDenied")
        if query["X-Amz-Algorithm"] != _ALGORITHM or query["X-Amz-SignedHeaders"] != "host":
            raise _RefusedError("AuthorizationQueryParametersError")
        self._check_age(query["X-Amz-Date"], query["X-Amz-Expires"])
        scope = f"{ACCESS_KEY}/{query['X-Amz-Date'][:8]}/{REGION}/s3/aws4_request"
        if query["X-Amz-Credential"] != scope:
            raise _RefusedError("InvalidAccessKeyId")
        if not hmac.compare_digest(_signature(address, query["X-Amz-Date"]), query["X-Amz-Signature"].encode()):
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


def _signature(address: str, date: str) -> bytes:
    """What botocore signs for this address at that time with the local run's key."""
    parts = urlsplit(address)
    query = "&".join(each for each in parts.query.split("&") if not each.startswith("X-Amz-Signature="))
    request = AWSRequest("GET", parts._replace(query=query).geturl())
    request.context["timestamp"] = date
    auth = S3SigV4QueryAuth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", REGION)
    to_sign = auth.string_to_sign(request, auth.canonical_request(request))
    return str(auth.signature(to_sign, request)).encode()


def _refusal(status: int, code: str) -> HttpAnswer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{escape(code)}</Code></Error>'
    return HttpAnswer(status, [("Content-Type", "application/xml")], body.encode())
