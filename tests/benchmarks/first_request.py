"""What the mobile door's first request meets: an issuer with its keys, and AWS's endpoints, in the measuring process.

The endpoints hand each call to moto: requests of the JSON protocol have the shape of boto3's own arguments.
"""

import base64
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from moto import mock_aws

from infra.tables import REGION, create_all

ISSUER = "https://issuer.invalid"
CLIENT = "app"
KEY_ID = "bench"
SUBJECT = "0f8fad5b-d9cb-469f-a165-70867728950e"

FIRST_REQUEST = """
import os, app
token = os.environ["BENCH_TOKEN"]
class Context: aws_request_id, function_name, memory_limit_in_mb = "request", "mobile", "1024"
arn = "arn:aws:execute-api:eu-north-1:123456789012:api/api/GET/v1/me"
about = {"resourcePath": "/v1/me", "httpMethod": "GET", "requestId": "request", "stage": "api", "path": "/api/v1/me",
         "identity": {"sourceIp": "127.0.0.1"}}
authorizer = app.app.routes["/v1/me"]["GET"].authorizer
if authorizer is not None:
    policy = authorizer({"type": "TOKEN", "authorizationToken": "Bearer " + token, "methodArn": arn}, Context)
    about["authorizer"] = {**(policy.get("context") or {}), "principalId": policy["principalId"]}
headers = {"Authorization": "Bearer " + token, "Accept": "application/json"}
answer = app.app({"resource": "/v1/me", "path": "/v1/me", "httpMethod": "GET", "headers": headers,
    "multiValueHeaders": {name: [value] for name, value in headers.items()}, "queryStringParameters": None,
    "multiValueQueryStringParameters": None, "pathParameters": None, "stageVariables": None,
    "requestContext": about, "body": None, "isBase64Encoded": False}, Context)
if answer["statusCode"] != 200:
    raise SystemExit(str(answer))
"""


@contextmanager
def mobile_backend() -> Iterator[dict[str, str]]:
    """Serve keys and AWS on a port of this machine; gives the settings of a door that uses them, token included."""
    key = rsa.generate_private_key(65537, 2048)
    with mock_aws():
        clients = {name: boto3.client(name, region_name=REGION) for name in ("dynamodb", "ssm")}
        create_all(clients["dynamodb"], "bench")
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(key_set(key), clients))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}"
        try:
            yield {
                "AWS_ENDPOINT_URL": here,
                "OIDC_ISSUER": ISSUER,
                "OIDC_CLIENT_ID": CLIENT,
                "OIDC_JWKS_URL": f"{here}/jwks.json",
                "BENCH_TOKEN": access_token(key),
            }
        finally:
            server.shutdown()
            server.server_close()


def access_token(key: rsa.RSAPrivateKey) -> str:
    """An access token as Cognito makes them, good for a quarter of an hour."""
    now = int(time.time())
    claims: dict[str, str | int] = {
        "sub": SUBJECT,
        "iss": ISSUER,
        "client_id": CLIENT,
        "token_use": "access",
        "username": SUBJECT,
    }
    claims |= {"iat": now, "exp": now + 900, "jti": "bench", "scope": "openid"}
    signed = ".".join(_encoded(json.dumps(each).encode()) for each in ({"alg": "RS256", "kid": KEY_ID}, claims))
    return f"{signed}.{_encoded(key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


def key_set(key: rsa.RSAPrivateKey) -> bytes:
    """The issuer's JWKS document."""
    numbers = key.public_key().public_numbers()
    modulus, exponent = (
        _encoded(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e)
    )
    public = {"kty": "RSA", "kid": KEY_ID, "alg": "RS256", "use": "sig", "n": modulus, "e": exponent}
    return json.dumps({"keys": [public]}).encode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _text(value: object) -> str:
    """Bytes as the protocol writes them; dates are of no interest here."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _handler(keys: bytes, clients: Mapping[str, Any]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """The issuer (GET) and AWS (POST)."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """The keys."""
            self._answer(keys)

        def do_POST(self) -> None:
            """One call of AWS's JSON protocol."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service, operation = self.headers["X-Amz-Target"].split(".")
            client = clients["dynamodb" if service.startswith("DynamoDB") else "ssm"]
            answer = getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())(**body)
            answer.pop("ResponseMetadata", None)
            self._answer(json.dumps(answer, default=_text).encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    return Handler
