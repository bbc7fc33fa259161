"""The four doors, and what each of them needs of the libraries that are packed with it."""

from dataclasses import dataclass

_EVERYWHERE = frozenset({"dynamodb", "ssm"})


@dataclass(frozen=True)
class Door:
    """One Chalice project under `functions/`.

    `services` are the AWS services whose botocore models go along; `stripe` says whether it ever talks to Stripe,
    `words` whether it shows people words, and `workbooks` whether it writes any.
    """

    name: str
    services: frozenset[str]
    stripe: bool
    words: bool = False
    workbooks: bool = False


DOORS = (
    Door("mobile", _EVERYWHERE, stripe=True, words=True),
    Door("partner", _EVERYWHERE, stripe=True),
    Door("finance", _EVERYWHERE | {"s3"}, stripe=False, words=True),
    Door("workers", _EVERYWHERE | {"s3", "scheduler", "sqs"}, stripe=True, words=True, workbooks=True),
)


def door(name: str) -> Door:
    """The door of that name."""
    return next(each for each in DOORS if each.name == name)
