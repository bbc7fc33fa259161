"""What the mobile door's first request meets: an issuer with its keys, and AWS's endpoints, in the measuring process.

The endpoint answers at once, with what is stored: the figure is the door's own time, not a database's.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from tests.benchmarks.gateway import as_deployed

ISSUER = "https://issuer.invalid"
CLIENT = "app"
KEY_ID = "bench"
SUBJECT = "0f8fad5b-d9cb-469f-a165-70867728950e"
CUSTOMER = {
    "pk": {"S": f"subject#{SUBJECT}"},
    "sk": {"S": "customer"},
    "customer_id": {"S": "cus_bench"},
    "account_id": {"S": "acc_bench"},
    "language": {"S": "en"},
    "signed_up_at": {"S": "2026-01-01T00:00:00.000000Z"},
    "format": {"N": "1"},
}

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
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(key_set(key)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    try:
        yield {
            "AWS_ENDPOINT_URL": here,
            **as_deployed("mobile", here),
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


def _handler(keys: bytes) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """The issuer (GET) and DynamoDB (POST)."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """The keys."""
            self._answer(keys)

        def do_POST(self) -> None:
            """GetItem, and no other call: the customer by sign-in; there is no payer yet."""
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers["X-Amz-Target"] != "DynamoDB_20120810.GetItem":
                raise NotImplementedError(self.headers["X-Amz-Target"])
            found = asked["Key"]["pk"] == CUSTOMER["pk"]
            self._answer(json.dumps({"Item": CUSTOMER} if found else {}).encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    return Handler
