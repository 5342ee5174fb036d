"""The tooltips of the glossary."""

from __future__ import annotations

from sfrunbook.report.cards import card
from sfrunbook.report.glossary import GLOSSARY, glossed


def test_the_first_use_of_a_word_has_its_meaning_and_nothing_foreign_becomes_markup() -> None:
    shown = str(glossed("Scopes & <b>scope</b>: the Consumer Key"))
    assert shown.count("<abbr") == 2
    assert shown.startswith(f'<abbr title="{GLOSSARY["scope"]}">Scopes</abbr> &amp; &lt;b&gt;scope')
    assert "<b>" not in shown


def test_a_card_explains_its_words_in_html_only() -> None:
    made = card("Check the app", "One callback URL is missing.")
    assert 'title="The address Salesforce sends the browser to' in made.html
    assert made.text.endswith("One callback URL is missing.")


def test_the_glossary_stays_short() -> None:
    assert len(GLOSSARY) <= 10
    assert all(len(meaning.split()) <= 20 for meaning in GLOSSARY.values())
