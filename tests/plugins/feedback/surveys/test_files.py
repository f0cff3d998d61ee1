"""Surveys as files: what is written is read as it was, and a place that cannot be read is named."""

from __future__ import annotations

from typing import Any

import pytest
from crmkit_feedback.surveys.content import MOST_LANGUAGES, content_of, document_of
from crmkit_feedback.surveys.files import file_of, read_file
from crmkit_feedback.surveys.standard import STANDARD

from crmkit import InvalidInput
from crmkit.exchange.yaml_files import as_yaml, read_yaml

ABOUT = {
    "name": "shop",
    "title": "Shop",
    "purpose": "relational",
    "anonymous": False,
    "rest_days": 30,
    "small": 5,
}


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_a_survey_is_read_as_it_was_written(name: str) -> None:
    document = document_of(content_of(STANDARD[name].document))
    file = read_file(file_of(ABOUT, document))
    assert file.about == ABOUT
    assert file.content == document


def test_answers_and_languages_stay_words() -> None:
    text = "a: yes\nno: off\non: 2026-01-01\nb: true"
    assert read_yaml(text) == {"a": "yes", "no": "off", "on": "2026-01-01", "b": True}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [a", "Line 1"),
        ("a: &x 1\nb: *x", "Line 1, column 4: there are no references here."),
        ("- a", "Here names with values are expected."),
        ("!!python/object/apply:os.getcwd []", "Line 1"),
        ("a: " + "x" * 500_000, "This is longer than"),
    ],
)
def test_what_is_no_document_says_where(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        read_yaml(text)


def test_every_mistake_of_a_file_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_file(as_yaml({"titel": "Shop", "content": []}))
    assert [each.field for each in caught.value.problems] == ["titel", "content", "name"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"languages": [f"l{number}" for number in range(MOST_LANGUAGES + 1)]}, "languages"),
        ({"title": {"en": "x" * 5000}}, "title"),
        ({"blocks": [{"key": f"p{number}", "questions": []} for number in range(200)]}, "blocks"),
    ],
)
def test_sizes_have_limits(change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        content_of({"languages": ["en"], "blocks": [], **change})
    assert [each.field for each in caught.value.problems] == [place]
