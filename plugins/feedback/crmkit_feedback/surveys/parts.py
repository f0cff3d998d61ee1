"""What a survey asks, as frozen values: blocks of questions with options, conditions and jumps, in several languages.

Others import these from `crmkit_feedback.surveys.content`. Must not know the database, nor how they are written down.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from attrs import field, frozen

Texts = Mapping[str, str]
"""A text by language, such as ``{"en": "Why?", "zh-Hans": "为什么？"}``."""
Operator = Literal["equals", "not", "in", "at_least", "at_most", "answered", "contains"]
OPERATORS: tuple[str, ...] = get_args(Operator)
END, SCREEN_OUT = "end", "screen_out"
"""Where a jump may lead beside questions and blocks: the end, and the end for whom the survey is not meant."""
SCALES: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "rating": (1, 5)}
"""The ends of scales; those of a rating are the survey's own."""
CHOOSING = ("single", "multiple", "dropdown", "ranking", "maxdiff", "constant_sum")
"""Kinds that have options."""
MOST_QUESTIONS, MOST_OPTIONS, MOST_BLOCKS, MOST_LANGUAGES = 200, 60, 100, 20
LONGEST_TEXT = 4000
_PIPE = re.compile(r"\{\{\s*([a-z][a-z0-9_.]*)\s*\}\}")


@frozen(kw_only=True)
class Option:
    """A choice. An ``exclusive`` one goes with no other, with ``other`` one writes what is meant."""

    key: str
    title: Texts
    exclusive: bool = False
    other: bool = False


@frozen(kw_only=True)
class Item:
    """A row of a matrix."""

    key: str
    title: Texts


@frozen(kw_only=True)
class Test:
    """What is asked of an answer: ``value`` is a number, the key of an option, or a list of them for ``in``. Of a
    matrix it is asked of one row, ``item``."""

    question: str
    is_: Operator
    value: Any = None
    item: str | None = None


@frozen(kw_only=True)
class Condition:
    """Tests of answers that came before: all of them hold, or any of them."""

    tests: tuple[Test, ...]
    any: bool = False


@frozen(kw_only=True)
class Jump:
    """Where it goes on after a question if the condition holds, or always."""

    to: str
    when: Condition | None = None


@frozen(kw_only=True)
class Question:
    """A question. ``low`` and ``high`` are the ends of a scale (or of a matrix's), ``low_title`` and ``high_title``
    what stands at them, ``reversed_`` that a low number is good; ``minimum`` and ``maximum`` bound a number, or how
    many options are chosen; ``total`` is what is shared out, ``shown`` how many options a MaxDiff set has."""

    key: str
    kind: str
    title: Texts
    help: Texts = field(factory=dict)
    required: bool = False
    options: tuple[Option, ...] = ()
    items: tuple[Item, ...] = ()
    low: int = 1
    high: int = 5
    low_title: Texts = field(factory=dict)
    high_title: Texts = field(factory=dict)
    reversed_: bool = False
    minimum: int | None = None
    maximum: int | None = None
    longest: int = 2000
    total: int = 100
    shown: int = 4
    when: Condition | None = None
    go: tuple[Jump, ...] = ()


@frozen(kw_only=True)
class Block:
    """A page of questions."""

    key: str
    questions: tuple[Question, ...]
    title: Texts = field(factory=dict)


@frozen(kw_only=True)
class Content:
    """A whole survey. The first language is the one that is shown to who has none of them; ``hidden`` are names of
    attributes that a link may carry."""

    languages: tuple[str, ...]
    blocks: tuple[Block, ...]
    title: Texts = field(factory=dict)
    introduction: Texts = field(factory=dict)
    thanks: Texts = field(factory=dict)
    screened: Texts = field(factory=dict)
    hidden: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in their order."""
        return tuple(each for block in self.blocks for each in block.questions)

    def question(self, key: str) -> Question | None:
        """Return a question by its key."""
        return next((each for each in self.questions if each.key == key), None)


def said(texts_: Texts, language: str, fallback: str = "") -> str:
    """Return a text in a language, else in a language of the same kind, else in whatever there is."""
    if language in texts_:
        return texts_[language]
    base = re.split(r"[-_]", language)[0]
    close = (text for name, text in texts_.items() if re.split(r"[-_]", name)[0] == base)
    return next(close, next(iter(texts_.values()), fallback))


def piped(text: str, answers: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return a text with what was answered before in place of ``{{key}}``, and names such as ``{{customer.name}}``;
    what is not known is left out. The text is plain: whoever shows it escapes it."""

    def found(match: re.Match[str]) -> str:
        value = names.get(match[1], answers.get(match[1], ""))
        return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)

    return _PIPE.sub(found, text)


def pipes_of(text: str) -> list[str]:
    """Return the names that a text pipes."""
    return _PIPE.findall(text)
