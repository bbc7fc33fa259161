"""Partners' API keys: shown once, refused from the next call on once revoked, and good for one mode only."""

import pytest

from tests.doors.callers import Caller, done, refused
from tests.doors.world import Partner, World

KEYS = "/partner/v1/keys"


def test_a_revoked_key_is_refused_at_once_and_the_partners_other_key_is_not(world: World) -> None:
    partner = world.partner()
    second = Caller(partner.base, done(partner.post(KEYS, {"label": "second"}))["key"])
    assert len(second.read(KEYS)) == 2

    done(partner.delete(f"{KEYS}/{partner.key_id}"))

    refused(partner.get(KEYS), 401, "unauthenticated")
    refused(partner.post(KEYS, {"label": "third"}), 401, "unauthenticated")
    assert [bool(each.get("revoked_at")) for each in second.read(KEYS)].count(True) == 1


def test_a_key_that_the_operator_revokes_is_refused_at_once(world: World) -> None:
    partner = world.partner()
    assert partner.read(KEYS)

    done(world.operator.delete(f"/finance/v1/partners/{partner.partner_id}/keys/{partner.key_id}"))

    refused(partner.get(KEYS), 401, "unauthenticated")


def test_revoking_a_key_again_changes_nothing(world: World) -> None:
    partner = world.partner()
    second = Caller(partner.base, done(partner.post(KEYS, {"label": "second"}))["key"])
    once = done(second.delete(f"{KEYS}/{partner.key_id}"))
    world.later(hours=1)

    again = done(second.delete(f"{KEYS}/{partner.key_id}"))

    assert once["revoked_at"]
    assert again == once


def test_a_key_of_the_other_mode_is_refused(partner: Partner) -> None:
    """
    This system runs in test mode; the same key as a live one is none of its keys.
    """
    key = str(partner.token)
    assert key.startswith("adg_test_")

    refused(Caller(partner.base, key.replace("adg_test_", "adg_live_")).get(KEYS), 401, "unauthenticated")


def test_a_key_that_is_nearly_right_is_refused_without_a_word_about_what_was_wrong(partner: Partner) -> None:
    key = str(partner.token)
    head, secret = key[:-43], key[-43:]
    other_id = head[:9] + ("a" if head[9] != "a" else "b") + head[10:]
    nearly = [head + "A" * 43, other_id + secret, head, key + "A", key[:-1], key.upper(), head + secret[::-1]]

    told = [refused(Caller(partner.base, each).get(KEYS), 401, "unauthenticated") for each in nearly]

    assert len({(each["title"], str(each.get("facts"))) for each in told}) == 1


def test_a_key_goes_in_its_own_header_too(partner: Partner) -> None:
    nobody = Caller(partner.base)

    assert nobody.get(KEYS, headers={"X-Api-Key": str(partner.token)}).json == partner.read(KEYS)
    refused(nobody.get(KEYS, headers={"X-Api-Key": "adg_test_x"}), 401, "unauthenticated")


def test_a_list_of_keys_never_shows_a_secret(world: World) -> None:
    partner = world.partner()
    text = done(partner.post(KEYS, {"label": "second"}))["key"]

    for listed in (partner.get(KEYS), world.operator.get(f"/finance/v1/partners/{partner.partner_id}/keys")):
        assert text[-43:].encode() not in listed.content
        assert str(partner.token)[-43:].encode() not in listed.content
        assert all("key" not in each for each in listed.json)


@pytest.mark.parametrize("key_id", ["aaaaaaaaaaaaaaaa", "no-key", "x" * 300])
def test_an_unknown_key_cannot_be_revoked(partner: Partner, key_id: str) -> None:
    refused(partner.delete(f"{KEYS}/{key_id}"), 404, "unknown_key")
