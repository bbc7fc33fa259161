"""A refusal says what it is, for machines and for people."""

from chalicelib.kernel.errors import Conflict, Refusal


class AssetInUse(Conflict):
    """The asset is in use by somebody else.

    More for those who read the code.
    """


def test_a_refusal_has_a_stable_code_a_sentence_and_the_facts() -> None:
    refusal = AssetInUse(asset_id="bike-7")

    assert (refusal.code, refusal.kind) == ("asset_in_use", "conflict")
    assert refusal.title == "The asset is in use by somebody else"
    assert refusal.facts == {"asset_id": "bike-7"}


def test_a_refusal_is_of_its_kind_wherever_it_stands_in_the_tree() -> None:
    assert isinstance(AssetInUse(), Refusal)
    assert AssetInUse().kind != Refusal().kind
