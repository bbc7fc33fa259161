"""Quotes, of bookings too, and invitations as signed tokens (HS256).

The first key signs, all of them verify, so that keys can rotate.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.access.errors import QuoteForged

_ALGORITHM = "HS256"
_AUDIENCE = "adgang-quote"
INVITATION, BOOKING = "adgang-invitation", "adgang-booking"
MEMBERSHIP, LINK = "adgang-membership", "adgang-link"
_LONGEST = 4096
_ID = "quo_"


@dataclass(frozen=True, slots=True)
class QuoteSealer:
    """Satisfies `access.ports.Sealer`. `keys` by id, the signing one first.

    What is for one `audience` is forged for any other, so that no kind of token can stand for another.
    """

    keys: Mapping[str, str]
    audience: str = _AUDIENCE

    def seal(self, promise: Mapping[str, object]) -> str:
        """A token that holds the promise; anyone may read it, nobody can change it."""
        import jwt  # noqa: PLC0415 -- costs 50 ms that most requests do not need

        key_id, key = next(iter(self.keys.items()))
        return jwt.encode({**promise, "aud": self.audience}, key, algorithm=_ALGORITHM, headers={"kid": key_id})

    def unseal(self, token: str) -> Mapping[str, object]:
        """The promise, or `QuoteForged`. Until when it holds is business time, which its reader checks."""
        import jwt  # noqa: PLC0415 -- as above

        if token.startswith(_ID):
            raise QuoteForged(hint="this is a quote's id: send the quote itself, as in its member `quote`")
        if len(token) > _LONGEST:
            raise QuoteForged
        head_alone = token.partition(".")[0] + ".."  # or PyJWT would read the promise, too, and below once more
        try:
            key = self.keys[jwt.get_unverified_header(head_alone)["kid"]]
            claims: dict[str, object] = jwt.decode(token, key, algorithms=[_ALGORITHM], audience=self.audience)
        except (jwt.InvalidTokenError, KeyError) as error:
            raise QuoteForged from error
        return claims
