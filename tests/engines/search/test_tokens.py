"""Cutting texts into tokens, and finding the words that a misspelt one may have meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from crmkit.engines.search.query import Asked, asked
from crmkit.engines.search.snippets import Sought, snippet
from crmkit.engines.search.tokens import (
    distance,
    edits_allowed,
    folded,
    folded_with_places,
    pieces_of,
    probes_of,
    stem_of,
    swapped,
    words_of,
)

WORDS = st.text("abcde", min_size=3, max_size=14)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Refund POLICY", ["refund", "policy"]),
        ("ＡＢＣ１２", ["abc12"]),
        ("Müller Straße e\u0301té", ["muller", "strasse", "ete"]),
        ("Refund’s don't", ["refunds", "dont"]),
        ("退款", ["退款", "款"]),
        ("長江大橋", ["长江", "江大", "大桥", "桥"]),
        ("A4纸 x", ["a4", "纸", "x"]),
        ("がんば 한국어", ["がん", "んば", "ば", "한국", "국어", "어"]),
        ("a_b-c@d.com", ["a", "b", "c", "d", "com"]),
        ("…!?", []),
        ("x" * 50, ["x" * 40]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    """Words of alphabetic scripts; pairs of characters, and the last one, of scripts without spaces."""
    assert tokens == words_of(text)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("refund policy ", [Asked(("refund",)), Asked(("policy",))]),
        ("refund pol", [Asked(("refund",)), Asked(("pol",), prefix=True)]),
        ("退款流程", [Asked(("退款",)), Asked(("款流",)), Asked(("流程",))]),
        ("款", [Asked(("款",), prefix=True)]),
        ('"refund policy" a', [Asked(("refund", "policy")), Asked(("a",))]),
        ("“長江大橋”", [Asked(("长江", "江大", "大桥"))]),
        ('"a款"', [Asked(("a", "款"), prefix=True)]),
        ('""', []),
        ('"open', [Asked(("open",), prefix=True)]),
        ("tea tea tea ", [Asked(("tea",))]),
    ],
)
def test_what_a_text_asks_for(text: str, asks: list[Asked]) -> None:
    """Tokens each once, phrases in quotation marks, the last word as a beginning."""
    assert asks == asked(text)


def test_a_long_text_asks_for_a_bounded_number_of_tokens() -> None:
    """What follows is left out."""
    assert 40 == len(asked(" ".join(f"w{number}" for number in range(500))))


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("refund", "refund", 0), ("refund", "refnud", 1), ("refund", "refun", 1), ("colour", "collar", 2), ("a", "b", 1)],
)
def test_distance(one: str, other: str, edits: int) -> None:
    """A swap of neighbours counts as one."""
    assert edits == distance(one, other, 2)


def _levenshtein(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        row = _next(row, place, letter, other)
    return row[-1]


def _next(row: list[int], place: int, letter: str, other: str) -> list[int]:
    new = [place]
    for column, against in enumerate(other, 1):
        new.append(min(row[column] + 1, new[-1] + 1, row[column - 1] + (letter != against)))
    return new


@settings(max_examples=300)
@given(
    word=WORDS,
    edits=st.lists(st.tuples(st.sampled_from("dir"), st.integers(0, 20), st.sampled_from("abcde")), max_size=2),
)
def test_every_word_within_its_edits_is_probed(word: str, edits: list[tuple[str, int, str]]) -> None:
    """Whatever was inserted, left out or replaced, the pieces of the word meet the probes of the misspelt one."""
    typed = word
    for kind, at, letter in edits:
        place = at % (len(typed) + 1)
        keep = place + (kind != "i")
        typed = typed[:place] + (letter if kind != "d" else "") + typed[keep:]
    if len(typed) < 4 or not 0 < _levenshtein(word, typed) <= min(edits_allowed(word), edits_allowed(typed)):
        return
    assert set(pieces_of(word)) & probes_of(typed)


@given(word=WORDS, place=st.integers(0, 12))
def test_neighbours_that_were_swapped_are_tried(word: str, place: int) -> None:
    """They are one edit apart, whatever the pieces."""
    place %= len(word) - 1
    typed = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    assert typed == word or word in swapped(typed)


@given(text=st.text(max_size=60))
def test_places_of_a_folded_text(text: str) -> None:
    """There is one for each character, none beyond the text, and they never go back."""
    plain, places = folded_with_places(text)
    assert len(plain) == len(places)
    assert list(places) == sorted(places)
    assert all(0 <= place < len(text) for place in places)


@given(text=st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    """What is folded is in the one form."""
    once = words_of(text)
    assert once == words_of(folded(text))


def test_stems_follow_the_language() -> None:
    """English for a language that has no stemmer."""
    assert "refund" == stem_of("refunds", "en")
    assert "refund" == stem_of("refunded", "zh_Hans")
    assert stem_of("häuser", "de") == stem_of("hause", "de")


def test_snippet_shows_the_densest_part_with_its_places() -> None:
    """Long texts are cut on both sides, and the places are those of the snippet."""
    text = "nothing here " * 30 + "a Refund of the REFUND policy" + " and so on" * 40
    made = snippet(text, Sought(frozenset({"refund", "policy"}), ()))
    assert made is not None
    assert ["Refund", "REFUND", "policy"] == [made.text[first:last] for first, last in made.highlights]
    assert made.text.startswith("… ")
    assert made.text.endswith(" …")
    assert len(made.text) <= 170


def test_snippet_of_a_script_without_spaces_joins_what_touches() -> None:
    """Pairs that overlap are one place; traditional characters are found by simplified ones."""
    made = snippet("我們在長江大橋上", Sought(frozenset({"长江", "江大", "大桥"}), ()))
    assert made is not None
    assert ["長江大橋"] == [made.text[first:last] for first, last in made.highlights]


def test_no_snippet_of_a_text_without_what_is_sought() -> None:
    """Nothing is shown of it."""
    assert snippet("something else", Sought(frozenset({"refund"}), ("pol",))) is None
