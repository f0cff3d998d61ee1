"""How right the sentiment of Chinese texts is, on reviews that it has not seen."""

from __future__ import annotations

import hashlib
import lzma
from pathlib import Path

import pytest
from crmkit_feedback.classifying.chinese import learn, shipped
from crmkit_feedback.classifying.sentiment import sentiment_of

FILE = Path(__file__).parents[3] / "data" / "feedback-zh-reviews" / "train.tsv.xz"
FOLDS = 5


@pytest.fixture(scope="module")
def reviews() -> list[tuple[str, bool]]:
    """The reviews, and whether each is positive."""
    lines = lzma.decompress(FILE.read_bytes()).decode("utf-8").splitlines()[1:]
    return [(text, label == "positive") for text, _tab, label in (each.partition("\t") for each in lines)]


def fold(text: str) -> int:
    """Return in which part a text is, by its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % FOLDS


def test_four_of_five_are_right(reviews: list[tuple[str, bool]]) -> None:
    """81.4% were measured (docs/feedback-themes.md); solvers of other versions may differ by a few reviews."""
    right = 0
    for number in range(FOLDS):
        seen = [each for each in reviews if fold(each[0]) != number]
        model = learn([text for text, _good in seen], [good for _text, good in seen])
        for text, good in (each for each in reviews if fold(each[0]) == number):
            found = sentiment_of(text, model=model)
            right += ((found.score if found is not None else 0) > 0) == good
    assert len(reviews) == 3000
    assert right / len(reviews) > 0.805


def test_the_shipped_model_is_of_these_reviews(reviews: list[tuple[str, bool]]) -> None:
    """It can be made again: the same weights but for what rounding does."""
    again = learn([text for text, _good in reviews], [good for _text, good in reviews])
    differ = sum(abs(first - second) > 1 for first, second in zip(again.weights, shipped().weights, strict=True))
    assert differ < 20
