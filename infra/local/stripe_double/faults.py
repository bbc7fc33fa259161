"""Faults on request: what a network and a provider do on a bad day, at a chosen call.

500                     Stripe fails before doing anything; the answer is saved under the key
500_after_applying      Stripe does it, then fails; the 500 is saved under the key
429                     Stripe refuses to listen; nothing is done or saved
lock_timeout            429 as well: another request has the object; nothing is done or saved, and a retry is advised
409                     the key's first request is still running; nothing is done or saved
timeout_after_applying  Stripe does it and saves the answer, but no answer arrives
reset                   the connection breaks before Stripe does anything
"""

import socket
import struct
from dataclasses import dataclass
from typing import Literal, NoReturn, get_args
from wsgiref.types import WSGIEnvironment

from infra.local.stripe_double.errors import Broken, InFlight, Locked, RateLimited

How = Literal["500", "500_after_applying", "429", "lock_timeout", "409", "timeout_after_applying", "reset"]


@dataclass
class Fault:
    """Waits for `after` fitting calls to pass, then strikes the next one."""

    operation: str
    how: How
    after: int = 0

    def __post_init__(self) -> None:
        if self.how not in get_args(How):
            raise ValueError(f"unknown fault: {self.how}")

    def fits(self, method: str, path: str, name: str) -> bool:
        """Whether the call has this name (`invoices.pay`), or its path, or method and path, begin like this."""
        return (
            name == self.operation
            or path.startswith(self.operation or "/")
            or f"{method} {path}".startswith(self.operation)
        )


class Faults:
    """The faults still to come. Callers hold the double's one lock."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Strike once, later."""
        self._waiting.append(fault)

    def next_for(self, method: str, path: str, name: str) -> str:
        """How this call fails, or an empty text."""
        for fault in self._waiting:
            if fault.fits(method, path, name):
                if fault.after == 0:
                    self._waiting.remove(fault)
                    return fault.how
                fault.after -= 1
        return ""

    @property
    def waiting(self) -> int:
        """How many have not struck yet."""
        return len(self._waiting)


def refuse_to_listen(how: str) -> None:
    """429, in both kinds, and 409, which Stripe neither executes nor saves."""
    if how == "429":
        raise RateLimited("Too many requests. Back off and try again.", code="rate_limit")
    if how == "lock_timeout":
        raise Locked
    if how == "409":
        raise InFlight("There is currently another in-progress request using this key.", code="idempotency_key_in_use")


def break_down() -> NoReturn:
    """The 500 of a bad day."""
    raise Broken("Sorry! There was an error while talking to one of our backends.")


def drop_connection(environ: WSGIEnvironment) -> NoReturn:
    """End the connection without an answer: werkzeug's server takes the error as such, and closes quietly."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("the double drops this connection, as it was asked to")
