"""A Chalice app that shows what reached it."""

import json
import threading
from typing import Any

from chalice.app import AuthRequest, Chalice, CloudWatchEvent, CORSConfig, Response

app = Chalice(app_name="sample", configure_logs=False)
app.api.binary_types.append("application/zip")
both_inside = threading.Barrier(2, timeout=10)
seen: list[Any] = []


@app.authorizer(ttl_seconds=60)
def gatekeeper(request: AuthRequest) -> dict[str, Any]:
    seen.append(request.token)
    if request.token == "nobody":
        raise RuntimeError("Unauthorized")
    if request.token == "broken":
        raise RuntimeError("out of order")
    effect = "Allow" if request.token == "friend" else "Deny"
    base = "/".join(request.method_arn.split("/")[:2])
    return {
        "principalId": request.token,
        "context": {"age": 7},
        "policyDocument": {
            "Statement": [{"Effect": effect, "Action": "execute-api:Invoke", "Resource": [f"{base}/*"]}]
        },
    }


def shown() -> dict[str, Any]:
    event: dict[str, Any] = app.current_request.to_original_event()
    return event


@app.route("/")
def root() -> dict[str, Any]:
    return {"root": True}


@app.route("/things/{thing_id}", methods=["GET", "PUT"], cors=CORSConfig(allow_origin="https://app.example"))
def thing(thing_id: str) -> dict[str, Any]:
    return {"thing_id": thing_id, "event": shown()}


@app.route("/things/special")
def special() -> dict[str, Any]:
    return {"special": True}


@app.route("/text", methods=["POST"], content_types=["text/plain", "application/json", "application/zip"])
def text() -> dict[str, Any]:
    return {"event": shown(), "read": len(app.current_request.raw_body)}


@app.route("/zip", methods=["GET"])
def zipped() -> Response:
    return Response(body=b"PK\x00\xff", headers={"Content-Type": "application/zip"})


@app.route("/private", authorizer=gatekeeper)
def private() -> dict[str, Any]:
    return {"authorizer": app.current_request.context["authorizer"]}


@app.route("/headers")
def headers() -> Response:
    return Response(body="x", headers={"WWW-Authenticate": "Bearer", "X-One": "1", "Set-Cookie": ["a=1", "b=2"]})


@app.route("/large")
def large() -> Response:
    return Response(body="x" * (6 * 1024 * 1024))


@app.route("/together/{name}")
def together(name: str) -> dict[str, Any]:
    both_inside.wait()
    return {"asked": name, "at_hand": app.current_request.uri_params["name"]}


@app.schedule("rate(1 hour)")
def hourly(event: CloudWatchEvent) -> None:
    seen.append(json.dumps(event.to_dict()))


@app.lambda_function()
def once(event: dict[str, Any], _context: object) -> None:
    seen.append(json.dumps(event))
