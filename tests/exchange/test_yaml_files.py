"""Files in YAML: what is read, what is refused, and that what is written is read back."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, strategies as st

from crmkit.errors import InvalidInput, MissingExtra
from crmkit.exchange.yaml_files import LONGEST, as_yaml, read_yaml

PLAIN = st.recursive(
    st.one_of(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), st.integers(), st.booleans()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcno", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abcyesno", min_size=1, max_size=5), PLAIN, max_size=4))
def test_what_is_written_is_read_back(document: dict[str, object]) -> None:
    """A language called "no" and an answer "yes" stay what they are."""
    assert read_yaml(as_yaml(document)) == document


def test_words_and_dates_stay_words() -> None:
    """Only true and false are truth values."""
    assert read_yaml("a: yes\nb: no\nc: true\nd: 2027-01-02\ne: on") == {
        "a": "yes",
        "b": "no",
        "c": True,
        "d": "2027-01-02",
        "e": "on",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "Line 1, column 6"),
        ("a: &x 1\nb: *x", "Line 1, column 4"),
        ("- 1", "names with values"),
        ("a: !!python/object:os.system 1", "Line 1"),
        ("a: " + "x" * LONGEST, "longer than"),
        ("[" * 5000, "neither YAML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, said: str) -> None:
    """Nothing else than names with plain values gets through, and the fault is pointed at."""
    with pytest.raises(InvalidInput) as caught:
        read_yaml(text, "file")
    problem = caught.value.problems[0]
    assert problem.field == "file"
    assert said in str(problem)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has no YAML learns what to install."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MissingExtra, match="yaml"):
        as_yaml({})
