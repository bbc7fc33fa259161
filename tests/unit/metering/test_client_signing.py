"""The lean signer's requests are those that botocore would sign, byte for byte."""

from datetime import UTC, datetime
from string import ascii_letters, digits
from unittest.mock import patch

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.metering.client_signing import CONTENT_TYPE, Keys, Signer

CHARACTERS = st.sampled_from(ascii_letters + digits + "/+=")
KEYS = st.builds(
    Keys,
    st.text(CHARACTERS, min_size=1),
    st.text(CHARACTERS, min_size=1),
    st.none() | st.text(CHARACTERS, min_size=1, max_size=800),
)
HOSTS = st.sampled_from(["dynamodb.eu-north-1.amazonaws.com", "127.0.0.1:8000", "[::1]:8000"])
REGIONS = st.sampled_from(["eu-north-1", "us-east-1", "ap-southeast-2"])
TIMES = st.floats(min_value=0, max_value=4_000_000_000)
OPERATIONS = st.sampled_from(["GetItem", "PutItem", "BatchGetItem", "Query"])
REQUESTS = st.lists(st.tuples(TIMES, OPERATIONS, st.binary(max_size=2000)), min_size=1, max_size=4)


def headers_of(head: bytes) -> dict[str, str]:
    first, *lines, empty, end = head.decode("latin-1").split("\r\n")
    assert (first, empty, end) == ("POST / HTTP/1.1", "", "")
    return dict(line.split(": ", 1) for line in lines)


def botocores(keys: Keys, place: tuple[str, str], at: float, operation: str, body: bytes) -> dict[str, str]:
    host, region = place
    headers = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
    request = AWSRequest("POST", f"http://{host}/", data=body, headers=headers)
    with patch("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(int(at), UTC)):
        SigV4Auth(Credentials(keys.access_key, keys.secret_key, keys.token), "dynamodb", region).add_auth(request)
    return dict(request.headers.items())


@settings(max_examples=300)
@given(keys=KEYS, other=KEYS, host=HOSTS, region=REGIONS, requests=REQUESTS)
def test_any_request_is_signed_as_botocore_signs_it(
    keys: Keys, other: Keys, host: str, region: str, requests: list[tuple[float, str, bytes]]
) -> None:
    """
    Also when keys and days change between requests, since much of the last signature is kept for the next one.
    """
    signer = Signer(host, region)
    for at, operation, body in requests:
        for used in (keys, other, keys):
            ours = headers_of(signer.head(used, at, operation, body))
            theirs = botocores(used, (host, region), at, operation, body)

            assert {name: ours[name] for name in theirs} == theirs
            assert ours["Host"] == host
            assert ours["Content-Length"] == str(len(body))


def test_keys_and_bodies_and_times_each_change_the_signature() -> None:
    keys, others, signer = Keys("A", "secret"), Keys("A", "other"), Signer("h", "eu-north-1")
    heads = [
        signer.head(keys, 0, "GetItem", b"{}"),
        signer.head(others, 0, "GetItem", b"{}"),
        signer.head(keys, 1, "GetItem", b"{}"),
        signer.head(keys, 0, "GetItem", b"[]"),
        signer.head(keys, 0, "PutItem", b"{}"),
        signer.head(keys, 86400, "GetItem", b"{}"),
    ]
    signatures = {headers_of(head)["Authorization"].rsplit("=", 1)[1] for head in heads}

    assert len(signatures) == len(heads)
    assert signer.head(keys, 0.9, "GetItem", b"{}") == heads[0]
