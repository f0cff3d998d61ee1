"""Definitions as documents: what is written can be read back, and every mistake has its place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmkit.engines.definitions.documents import from_document, tag_of, to_document
from crmkit.errors import DefinitionError
from crmkit.hooks.contributions import (
    ByClusters,
    ByCutPoints,
    ByExpressions,
    ByPin,
    ByQuantiles,
    ByValue,
    Dimension,
    DimensionLabel,
)

NAMES = st.text(alphabet="abc电商_", min_size=1, max_size=8)
LABELS = st.lists(st.builds(DimensionLabel, name=NAMES, title=NAMES, when=st.none() | NAMES), max_size=3)
DECIDERS = st.one_of(
    st.just(ByExpressions()),
    st.just(ByPin()),
    st.builds(ByValue, value=NAMES),
    st.builds(ByCutPoints, score=NAMES, points=st.lists(st.decimals(0, 9, places=2).map(str), max_size=3)),
    st.builds(ByQuantiles, score=NAMES, shares=st.just(("0.2", "0.8")), margin=st.just("0.01")),
    st.builds(ByClusters, scores=st.lists(NAMES, min_size=1, max_size=2), seed=st.integers(0, 9)),
)


@given(
    value=st.builds(Dimension, name=NAMES, title=NAMES, labels=LABELS, decider=DECIDERS, stay_days=st.integers(0, 9))
)
def test_what_is_written_is_read_back(value: Dimension) -> None:
    """A value is the same after it has been a document."""
    assert from_document(Dimension, to_document(value)) == value


def test_a_document_says_what_its_author_said() -> None:
    """What is as by default is left out, and one of several classes is named."""
    value = Dimension(name="size", title="Size", decider=ByCutPoints(score="customer.size", points=("50",)))
    expected = {
        "name": "size",
        "title": "Size",
        "decider": {"by": "cut_points", "score": "customer.size", "points": ["50"]},
    }
    assert to_document(value) == expected


@pytest.mark.parametrize(
    ("document", "field", "says"),
    [
        ({"title": "Size"}, "name", "required"),
        ({"name": "x", "title": "x", "labls": []}, "labls", "labels"),
        (
            {"name": "x", "title": "x", "labels": [{"name": "a", "title": "a"}, {"name": "b"}]},
            "labels.1.title",
            "required",
        ),
        ({"name": "x", "title": "x", "labels": "ab"}, "labels", "list"),
        ({"name": "x", "title": "x", "decider": {"by": "cut_pints"}}, "decider.by", "cut_points"),
        ({"name": "x", "title": "x", "decider": {"by": "value"}}, "decider.value", "required"),
        ({"name": "x", "title": "x", "decider": {"by": "value", "value": "a", "b": 1}}, "decider.b", ""),
        ({"name": "x", "title": "x", "stay_days": "many"}, "stay_days", ""),
    ],
)
def test_a_mistake_is_named_with_its_place(document: dict[str, Any], field: str, says: str) -> None:
    """What is missing, unknown or malformed is a problem of its field, however deep it lies."""
    with pytest.raises(DefinitionError) as caught:
        from_document(Dimension, document)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert says in caught.value.problems[0].render().lower()


def test_classes_are_called_by_what_they_decide_by() -> None:
    """The name under ``by`` is the class's, without its beginning."""
    assert [tag_of(cls) for cls in (ByExpressions, ByCutPoints, ByPin)] == ["expressions", "cut_points", "pin"]


def test_numbers_are_texts_where_they_are_exact() -> None:
    """A decimal in a document keeps its digits."""
    assert to_document(ByCutPoints(score="x", points=(str(Decimal("1.10")),)))["points"] == ["1.10"]
