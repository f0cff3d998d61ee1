"""What somebody thinks of what they write about: from -100 (very bad) to 100 (very good), in Chinese and English,
without any other machine being asked.

A Chinese text is judged by the model of `chinese` and by words, an English one by words; of a text in both, each part
counts by its length. A plugin may bring its own judgement by the hook ``feedback_sentiment``. Must not know databases.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from attrs import frozen

from crmkit import CRM
from crmkit_feedback.classifying import lexicon
from crmkit_feedback.classifying.chinese import ChineseModel, shipped

BY_WORDS_ZH = 0.4
"""What a word adds to the logit of the model; found by cross-validation on the reviews of the shipped model."""
BY_WORDS_EN = 0.9
NEUTRAL = 25
"""Between minus and plus this a text is neutral."""
_HAN = re.compile(r"[㐀-鿿]+")
_LATIN = re.compile(r"[A-Za-z]+")
_SENTENCE = re.compile(r"[^。！？!?.;；\n]+[。！？!?.;；]*")
Judge = Callable[[str, str | None], int | None]
"""Returns the sentiment of a text in a language, from -100 to 100, or None where it cannot say."""


@frozen(kw_only=True)
class Sentiment:
    """What a text says: its score, and "negative", "neutral" or "positive"."""

    score: int
    label: str


def sentiment_of(
    text: str | None,
    language: str | None = None,
    *,
    judges: tuple[Judge, ...] = (),
    model: ChineseModel | None = None,
) -> Sentiment | None:
    """Return what a text says, None for one without words. The first judge that says anything counts."""
    if not text or not (_HAN.search(text) or _LATIN.search(text)):
        return None
    for judge in judges:
        found = judge(text, language)
        if found is not None:
            return _named(max(-100, min(100, int(found))))
    return _named(_own(text, model or shipped()))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [each.strip() for each in _SENTENCE.findall(text) if each.strip()]


def _own(text: str, model: ChineseModel) -> int:
    han = sum(map(len, _HAN.findall(text)))
    latin = sum(map(len, _LATIN.findall(text))) / 3
    logit = 0.0
    if han:
        chance = min(max(model.probability(text), 1e-6), 1 - 1e-6)
        logit += (math.log(chance / (1 - chance)) + BY_WORDS_ZH * lexicon.chinese(text)) * han / (han + latin)
    if latin:
        logit += BY_WORDS_EN * lexicon.english(text) * latin / (han + latin)
    return round(100 * math.tanh(logit / 2))


def _named(score: int) -> Sentiment:
    label = "neutral" if abs(score) < NEUTRAL else "negative" if score < 0 else "positive"
    return Sentiment(score=score, label=label)


def judges_of(crm: CRM) -> tuple[Judge, ...]:
    """Return what plugins bring to judge texts by; one that fails to say so is left out."""
    found = crm.gate.dispatcher.collect("feedback_sentiment")
    return tuple(judge for each in found if each.error is None for judge in (each.value or ()))
