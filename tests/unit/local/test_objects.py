"""A link to an export is good for whom it was made, as long as it was made for, and as it was signed."""

import hashlib
import time
from base64 import b64encode
from urllib.parse import parse_qsl, urlencode, urlsplit

import boto3
import pytest
from botocore.config import Config

from infra.local.engine import Engine
from infra.local.objects import ObjectStore
from infra.tables import create_bucket

BASE = "http://127.0.0.1:8080/local/objects"
KEY = "2021-05/a report é.csv"


@pytest.fixture
def bucket(engine: Engine) -> str:
    name = create_bucket(engine.client("s3"), "local")
    engine.client("s3").put_object(Bucket=name, Key=KEY, Body=b"a;b\n", ContentType="text/csv")
    return name


@pytest.fixture
def store(engine: Engine) -> ObjectStore:
    return ObjectStore(engine.client("s3"))


def link(bucket: str, key: str = KEY, expires: int = 300, **parameters: str) -> str:
    signer = boto3.client(
        "s3", endpoint_url=BASE, config=Config(signature_version="s3v4", s3={"addressing_style": "path"})
    )
    return str(
        signer.generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": key, **parameters}, ExpiresIn=expires
        )
    )


def test_a_signed_link_gives_the_object(store: ObjectStore, bucket: str) -> None:
    answer = store.answer("GET", link(bucket))

    assert (answer.status, answer.body) == (200, b"a;b\n")
    assert dict(answer.headers)["Content-Type"] == "text/csv"


def test_the_link_may_say_how_the_file_is_called(store: ObjectStore, bucket: str) -> None:
    answer = store.answer("GET", link(bucket, ResponseContentDisposition='attachment; filename="may.csv"'))

    assert answer.status == 200
    assert dict(answer.headers)["Content-Disposition"] == 'attachment; filename="may.csv"'


def test_a_link_expires(engine: Engine, bucket: str) -> None:
    signed = link(bucket, expires=60)

    def at(seconds: int) -> int:
        return ObjectStore(engine.client("s3"), lambda: time.time() + seconds).answer("GET", signed).status

    assert at(50) == 200
    assert at(61) == 403
    assert at(-3600) == 403


def changed(address: str, **query: str) -> str:
    parts = urlsplit(address)
    return parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | query)).geturl()


def test_a_link_that_was_changed_is_refused(store: ObjectStore, bucket: str) -> None:
    signed = link(bucket)
    parts = urlsplit(signed)

    assert store.answer("GET", changed(signed)).status == 200
    for forged in (
        signed.replace("2021-05", "2021-06"),
        signed.replace("127.0.0.1:8080", "localhost:8080"),
        changed(signed, **{"X-Amz-Expires": "3600"}),
        changed(signed, **{"X-Amz-Signature": "0" * 64}),
        changed(signed, **{"X-Amz-Algorithm": "none"}),
        changed(signed, **{"X-Amz-SignedHeaders": ""}),
        changed(signed, **{"X-Amz-Credential": "SOMEBODY/20210601/eu-north-1/s3/aws4_request"}),
        changed(signed, **{"X-Amz-Date": "yesterday"}),
        changed(signed, **{"response-content-type": "text/html"}),
        changed(signed, acl=""),
        signed + "&X-Amz-Expires=3600",
        parts._replace(query="").geturl(),
    ):
        assert store.answer("GET", forged).status == 403, forged


def test_a_link_is_for_reading(store: ObjectStore, bucket: str) -> None:
    for method in ("DELETE", "POST", "HEAD"):
        assert store.answer(method, link(bucket)).status == 405
    assert store.answer("PUT", link(bucket)).status == 403


def test_what_is_not_there_is_not_found(store: ObjectStore, bucket: str) -> None:
    answer = store.answer("GET", link(bucket, key="nothing.csv"))

    assert answer.status == 404
    assert b"NoSuchKey" in answer.body


BODY = b"\xff\xd8 a photo"
DIGEST = b64encode(hashlib.sha256(BODY).digest()).decode()


def signed_put(bucket: str) -> tuple[str, dict[str, str]]:
    signer = boto3.client(
        "s3", endpoint_url=BASE, config=Config(signature_version="s3v4", s3={"addressing_style": "path"})
    )
    asked = {"Bucket": bucket, "Key": "evidence/a", "ContentLength": len(BODY), "ContentType": "image/jpeg"}
    asked |= {"ChecksumSHA256": DIGEST, "IfNoneMatch": "*"}
    headers = {"content-length": str(len(BODY)), "content-type": "image/jpeg"}
    headers |= {"x-amz-checksum-sha256": DIGEST, "if-none-match": "*"}
    return str(signer.generate_presigned_url("put_object", Params=asked, ExpiresIn=300)), headers


def test_a_link_to_put_takes_the_bytes_that_it_was_signed_for_once_and_no_others(
    store: ObjectStore, bucket: str
) -> None:
    link, headers = signed_put(bucket)

    assert store.answer("PUT", link, headers, BODY[:-1] + b"!").status == 400
    assert store.answer("PUT", link, headers | {"content-type": "text/html"}, BODY).status == 403
    assert store.answer("GET", link, headers).status == 403
    assert store.answer("PUT", link, headers, BODY).status == 200
    assert store.answer("PUT", link, headers, BODY).status == 412
