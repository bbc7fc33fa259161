"""Where the keys come from: botocore's own resolver, which knows environment, containers, instances, profiles."""

import threading
from collections.abc import Callable
from typing import Any, Protocol

from chalicelib.metering.client_errors import NoCredentialsError
from chalicelib.metering.client_signing import Keys

_ASKED_AGAIN_AFTER = 30  # seconds; botocore renews keys 10 to 15 minutes before they expire


class Credentials(Protocol):
    """Keys to sign with."""

    def current(self) -> Keys:
        """Good for now: renewed in time if they expire."""

    def renewed(self) -> Keys:
        """New ones, after DynamoDB has said that the current ones are expired."""


class SessionCredentials:
    """Those of a botocore session."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 -- botocore publishes no types
        self._session = session
        self._found: Any = None

    def current(self) -> Keys:
        """What the resolver found, after its own renewal if that is due."""
        if self._found is None:
            self._found = self._session.get_component("credential_provider").load_credentials()
        if self._found is None:
            raise NoCredentialsError("NoCredentials", "no provider of botocore's has any")
        frozen = self._found.get_frozen_credentials()
        return Keys(frozen.access_key, frozen.secret_key, frozen.token)

    def renewed(self) -> Keys:
        """Resolved anew from the start."""
        self._found = None
        return self.current()


class KeyRing:
    """The keys in use. Asks for them at most twice a minute, since each question costs botocore a look at the time."""

    def __init__(self, source: Credentials, wall: Callable[[], float]) -> None:
        self._source = source
        self._wall = wall
        self._lock = threading.Lock()
        self._keys: Keys | None = None
        self._asked = 0.0

    def keys(self) -> Keys:
        """The same object as long as they stay the same."""
        keys, at = self._keys, self._wall()
        if keys is not None and abs(at - self._asked) < _ASKED_AGAIN_AFTER:
            return keys
        with self._lock:
            return self._taken(self._asking(self._source.current), at)

    def renew(self, expired: Keys) -> None:
        """Replace `expired`, once for all calls that were signed with them."""
        with self._lock:
            if self._keys is expired:
                self._taken(self._asking(self._source.renewed), self._wall())

    def _taken(self, found: Keys, at: float) -> Keys:
        self._asked = at
        if self._keys is None or found != self._keys:
            self._keys = found
        return self._keys

    @staticmethod
    def _asking(ask: Callable[[], Keys]) -> Keys:
        try:
            return ask()
        except NoCredentialsError:
            raise
        except Exception as error:  # a provider may fail in any way: the network, a file, a role
            raise NoCredentialsError("NoCredentials", f"{type(error).__name__}: {error}") from error
