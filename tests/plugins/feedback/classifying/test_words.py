"""What a text is about and what it thinks, by words and by what was learnt; and how far two raters agree."""

from __future__ import annotations

import json

import pytest
from crmkit_feedback.classifying import lexicon
from crmkit_feedback.classifying.chinese import learn as learn_chinese, model_of, shipped
from crmkit_feedback.classifying.learning import Example, agreement, classifier_of, kappa, learn, terms_of
from crmkit_feedback.classifying.matching import Matcher
from crmkit_feedback.classifying.sentiment import sentences, sentiment_of
from crmkit_feedback.classifying.starter import THEMES
from hypothesis import given, settings, strategies as st

WORDS = {each.name: each.words for each in THEMES}


@pytest.mark.parametrize(
    ("text", "themes"),
    [
        ("Three of the glasses arrived broken, and nobody answered my mail.", {"delivery", "quality", "response"}),
        ("Far too expensive for what it is.", {"price"}),
        ("客服态度很差，物流也慢", {"service", "delivery"}),
        ("包装破损", {"packaging", "quality"}),
        ("The pricelist", {"price"}),
        ("A surprise", set()),
        ("", set()),
    ],
)
def test_themes_are_found_by_their_words(text: str, themes: set[str]) -> None:
    assert set(Matcher(WORDS).themes(text)) == themes


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("服务态度很差，再也不来了", "negative"),
        ("东西很好，物流也快", "positive"),
        ("质量不错，价格也公道", "positive"),
        ("包装破损，客服不理人", "negative"),
        ("Lovely designs, and quick to arrive. My customers like them.", "positive"),
        ("The delivery took two weeks longer than promised, terrible.", "negative"),
        ("It was not good at all.", "negative"),
        ("Not bad.", "positive"),
        ("The parcel has a blue ribbon.", "neutral"),
    ],
)
def test_sentiment_of_both_languages(text: str, label: str) -> None:
    found = sentiment_of(text)
    assert found is not None
    assert found.label == label


def test_a_text_without_words_thinks_nothing() -> None:
    assert sentiment_of("12345 !!") is None
    assert sentiment_of(None) is None


def test_a_judge_of_a_plugin_counts_before_our_own() -> None:
    silent = lambda text, language: None  # noqa: E731
    loud = lambda text, language: 500  # noqa: E731
    found = sentiment_of("terrible", judges=(silent, loud))
    assert found is not None
    assert (found.score, found.label) == (100, "positive")


def test_what_strengthens_and_turns() -> None:
    assert lexicon.english("very good") > lexicon.english("good") > 0 > lexicon.english("not good")
    assert lexicon.english("bad") < lexicon.english("not good")
    assert (lexicon.chinese("好"), lexicon.chinese("不好"), lexicon.chinese("不错")) == (1, -1, 1)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_can_be_judged(text: str) -> None:
    found = sentiment_of(text)
    assert found is None or -100 <= found.score <= 100
    assert "".join(sentences(text)).count("。") <= text.count("。")


def test_a_chinese_model_is_learnt_and_kept() -> None:
    texts = [f"很好 {number}" for number in range(20)] + [f"太差 {number}" for number in range(20)]
    model = learn_chinese(texts, [True] * 20 + [False] * 20)
    again = model_of(json.loads(json.dumps(model.document())))
    assert again.probability("很好") > 0.5 > again.probability("太差")
    assert again.weights == model.weights
    assert shipped().probability("") == 0.5


# --- themes that are learnt -----------------------------------------------------------------------------------------


def examples() -> list[Example]:
    """Texts about two things that no starter word names."""
    found = []
    for number in range(60):
        text, themes = f"The lid number {number} does not close", {"lid"}
        if number % 3 == 1:
            text, themes = f"Your candle {number} smells of soap", {"smell"}
        elif number % 3 == 2:
            text, themes = f"The lid of candle {number} smells and does not close", {"lid", "smell"}
        found.append(Example(text=text, themes=frozenset(themes)))
    return found


def test_a_model_tells_themes_that_words_do_not() -> None:
    lesson = learn(examples(), [set() for _each in examples()])
    assert lesson is not None
    assert lesson.better
    assert lesson.learnt.f1 > 0.9
    kept = classifier_of(json.loads(json.dumps(lesson.model.document())))
    chances = kept.chances("My lid does not close any more")
    assert chances["lid"] > 0.5 > chances["smell"]


def test_from_too_few_texts_nothing_is_learnt() -> None:
    assert learn(examples()[:10], [set()] * 10) is None


def test_a_model_that_is_no_better_than_the_words_does_not_count() -> None:
    found = examples()
    lesson = learn(found, [set(each.themes) for each in found])
    assert lesson is not None
    assert not lesson.better


def test_no_model_keeps_what_points_at_a_person() -> None:
    terms = terms_of("Write to ada@example.com or +86 138 0013 8000, see https://shop.example/o/4711: order 12345678")
    assert terms[:3] == ["write", "to", "or"]
    assert not [each for each in terms if any(sign.isdigit() for sign in each) or "example" in each]


def test_agreement_counts_all_texts_and_themes() -> None:
    found = agreement([{"a", "b"}, {"a"}, set()], [{"a"}, {"a", "b"}, {"c"}])
    assert (found.precision, round(found.recall, 4), round(found.f1, 4)) == (0.5, 0.6667, 0.5714)
    assert agreement([], []).f1 == 0


def test_kappa_is_what_two_raters_agree_beyond_chance() -> None:
    """Of fifty, both say yes to 20 and no to 15; 5 and 10 are said by one alone: kappa 0.4."""
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = kappa(pairs)
    assert found is not None
    value, low, high = found
    assert value == pytest.approx(0.4)
    assert low < 0.4 < high
    assert kappa([]) is None
    assert kappa([(True, True)] * 5) is None
    assert kappa([(True, False), (False, True)])[0] == pytest.approx(-1)  # type: ignore[index]
