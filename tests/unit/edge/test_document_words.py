"""Documents have words for every kind of line, in every language; so has Stripe's invoice."""

import pytest

from chalicelib.billing.stripe_lines import LINE_NAMES
from chalicelib.edge.document_words import DOCUMENT_WORDS
from chalicelib.kernel.languages import LANGUAGES, Language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_line_has_words(language: Language) -> None:
    assert set(DOCUMENT_WORDS[language].lines) == {*LINE_NAMES, "goodwill"}
