"""What a survey asks, as a document of plain names: written (`document_of`), and read with every mistake named by its
place (`content_of`). Must not know the database, nor whether a survey makes sense: `checking` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crmkit import InvalidInput, Problem, texts
from crmkit_feedback.surveys.parts import (
    CHOOSING,
    END,
    LONGEST_TEXT,
    MOST_BLOCKS,
    MOST_LANGUAGES,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    OPERATORS,
    SCALES,
    SCREEN_OUT,
    Block,
    Condition,
    Content,
    Item,
    Jump,
    Operator,
    Option,
    Question,
    Test,
    Texts,
    piped,
    pipes_of,
    said,
)
from crmkit_feedback.surveys.words import QUESTION_KINDS

__all__ = [
    "CHOOSING", "END", "LONGEST_TEXT", "MOST_BLOCKS", "MOST_LANGUAGES", "MOST_OPTIONS", "MOST_QUESTIONS", "OPERATORS",
    "SCALES", "SCREEN_OUT", "Block", "Condition", "Content", "Item", "Jump", "Operator", "Option", "Question", "Test",
    "Texts", "content_of", "document_of", "piped", "pipes_of", "said",
]  # fmt: skip

_ = texts("crmkit_feedback")

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def content_of(document: Mapping[str, Any]) -> Content:
    """Return the content that a document describes. Raises InvalidInput with every mistake and its place."""
    reader = _Reader()
    found = reader.content(document)
    if reader.problems:
        raise InvalidInput(reader.problems)
    return found


class _Reader:
    """Reads a document, and remembers what is wrong in it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, place: str, text: str, **values: Any) -> None:
        self.problems.append(Problem(InvalidInput.code, text, field=place, **values))

    def content(self, document: Mapping[str, Any]) -> Content:
        self.known(document, "", ("languages", "blocks", "title", "introduction", "thanks", "screened", "hidden"))
        languages = tuple(str(each) for each in self.list_(document, "languages", ""))
        if not languages:
            self.wrong("languages", _("Name one language at least."))
        blocks = tuple(
            self.block(each, f"blocks.{number}") for number, each in enumerate(self.list_(document, "blocks", ""), 1)
        )
        if sum(len(each.questions) for each in blocks) > MOST_QUESTIONS:
            self.wrong("blocks", _("A survey has at most {most} questions."), most=MOST_QUESTIONS)
        if len(blocks) > MOST_BLOCKS:
            self.wrong("blocks", _("A survey has at most {most} pages."), most=MOST_BLOCKS)
        if len(languages) > MOST_LANGUAGES:
            self.wrong("languages", _("A survey has at most {most} languages."), most=MOST_LANGUAGES)
        return Content(
            languages=languages,
            blocks=blocks,
            title=self.texts(document, "title", ""),
            introduction=self.texts(document, "introduction", ""),
            thanks=self.texts(document, "thanks", ""),
            screened=self.texts(document, "screened", ""),
            hidden=tuple(self.key(each, "hidden") for each in self.list_(document, "hidden", "")),
        )

    def block(self, said_: Any, place: str) -> Block:
        document = self.mapping(said_, place)
        self.known(document, place, ("key", "title", "questions"))
        questions = self.list_(document, "questions", place)
        return Block(
            key=self.key(document.get("key", ""), f"{place}.key"),
            title=self.texts(document, "title", place),
            questions=tuple(self.question(each, place, number) for number, each in enumerate(questions, 1)),
        )

    def question(self, said_: Any, block: str, number: int) -> Question:
        document = self.mapping(said_, f"{block}.questions.{number}")
        place = str(document.get("key") or f"{block}.questions.{number}")
        self.known(document, place, _QUESTION)
        kind = str(document.get("kind", ""))
        if kind not in QUESTION_KINDS:
            self.wrong(
                f"{place}.kind", _("The kind of a question is one of: {known}."), known=", ".join(QUESTION_KINDS)
            )
        low, high = SCALES.get(kind, (1, 5))
        options = self.list_(document, "options", place)
        if len(options) > MOST_OPTIONS:
            self.wrong(f"{place}.options", _("A question has at most {most} options."), most=MOST_OPTIONS)
        fixed = kind in ("nps", "csat", "ces")
        return Question(
            key=self.key(document.get("key", ""), f"{place}.key"),
            kind=kind,
            title=self.texts(document, "title", place),
            help=self.texts(document, "help", place),
            required=bool(document.get("required", False)),
            options=tuple(self.option(each, place) for each in options),
            items=tuple(self.item(each, place) for each in self.list_(document, "items", place)),
            low=low if fixed else self.number(document, "low", place, low),
            high=high if fixed else self.number(document, "high", place, high),
            low_title=self.texts(document, "low_title", place),
            high_title=self.texts(document, "high_title", place),
            reversed_=bool(document.get("reversed", False)),
            minimum=self.number(document, "minimum", place, None),
            maximum=self.number(document, "maximum", place, None),
            longest=self.number(document, "longest", place, 2000),
            total=self.number(document, "total", place, 100),
            shown=self.number(document, "shown", place, 4),
            when=self.condition(document.get("when"), f"{place}.when"),
            go=tuple(self.jump(each, f"{place}.go") for each in self.list_(document, "go", place)),
        )

    def option(self, said_: Any, place: str) -> Option:
        document = self.mapping(said_, f"{place}.options")
        self.known(document, f"{place}.options", ("key", "title", "exclusive", "other"))
        return Option(
            key=self.key(document.get("key", ""), f"{place}.options"),
            title=self.texts(document, "title", f"{place}.options"),
            exclusive=bool(document.get("exclusive", False)),
            other=bool(document.get("other", False)),
        )

    def item(self, said_: Any, place: str) -> Item:
        document = self.mapping(said_, f"{place}.items")
        self.known(document, f"{place}.items", ("key", "title"))
        key = self.key(document.get("key", ""), f"{place}.items")
        return Item(key=key, title=self.texts(document, "title", f"{place}.items"))

    def jump(self, said_: Any, place: str) -> Jump:
        document = self.mapping(said_, place)
        self.known(document, place, ("to", "when"))
        return Jump(to=str(document.get("to", "")), when=self.condition(document.get("when"), place))

    def condition(self, said_: Any, place: str) -> Condition | None:
        if said_ is None or said_ == {}:
            return None
        document = self.mapping(said_, place)
        self.known(document, place, ("all", "any"))
        if len(document) != 1:
            self.wrong(place, _('A condition has either "all" or "any", with a list of tests.'))
            return None
        (how, tests) = next(iter(document.items()))
        if not isinstance(tests, (list, tuple)) or len(tests) > MOST_OPTIONS:
            self.wrong(place, _("Here a list is expected."))
            return None
        return Condition(tests=tuple(self.test(each, place) for each in tests), any=how == "any")

    def test(self, said_: Any, place: str) -> Test:
        document = self.mapping(said_, place)
        self.known(document, place, ("question", "item", "is", "value"))
        how = document.get("is", "equals")
        if how not in OPERATORS:
            self.wrong(place, _("What is asked of an answer is one of: {known}."), known=", ".join(OPERATORS))
            how = "answered"
        value = document.get("value")
        if isinstance(value, bool):
            # JSON and YAML have true and false for what people mean by yes and no.
            value = "yes" if value else "no"
        item = document.get("item")
        return Test(
            question=str(document.get("question", "")),
            is_=how,
            value=tuple(value) if isinstance(value, list) else value,
            item=None if item is None else str(item),
        )

    # --- the parts of a document ---

    def mapping(self, value: Any, place: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.wrong(place, _("Here names with values are expected."))
        return {}

    def known(self, document: Mapping[str, Any], place: str, names: Sequence[str]) -> None:
        for name in document:
            if name not in names:
                at = f"{place}.{name}" if place else str(name)
                self.wrong(at, _("There is no such name here. There are: {known}."), known=", ".join(names))

    def list_(self, document: Mapping[str, Any], name: str, place: str) -> list[Any]:
        value = document.get(name, [])
        if isinstance(value, (list, tuple)):
            return list(value)
        self.wrong(f"{place}.{name}" if place else name, _("Here a list is expected."))
        return []

    def texts(self, document: Mapping[str, Any], name: str, place: str) -> Texts:
        value = document.get(name) or {}
        if isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values()):
            if any(len(each) > LONGEST_TEXT for each in value.values()):
                at = f"{place}.{name}" if place else name
                self.wrong(at, _("This is longer than {most} characters."), most=LONGEST_TEXT)
            return {str(language): text for language, text in value.items()}
        self.wrong(f"{place}.{name}" if place else name, _("Here a text for each language is expected."))
        return {}

    def number(self, document: Mapping[str, Any], name: str, place: str, usual: Any) -> Any:
        value = document.get(name, usual)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.wrong(f"{place}.{name}", _("Here a whole number is expected."))
        return usual

    def key(self, value: Any, place: str) -> str:
        if isinstance(value, str) and _KEY.fullmatch(value):
            return value
        self.wrong(place, _("A key has small letters, digits and _, begins with a letter, and has 40 at most."))
        return ""


_QUESTION = (
    "key", "kind", "title", "help", "required", "options", "items", "low", "high", "low_title", "high_title",
    "reversed", "minimum", "maximum", "longest", "total", "shown", "when", "go",
)  # fmt: skip


def document_of(content: Content) -> dict[str, Any]:
    """Return a content as a document, without what is as usual; `content_of` reads it back as it was."""
    found: dict[str, Any] = {"languages": list(content.languages)}
    for name in ("title", "introduction", "thanks", "screened"):
        if getattr(content, name):
            found[name] = dict(getattr(content, name))
    if content.hidden:
        found["hidden"] = list(content.hidden)
    found["blocks"] = [
        {
            "key": block.key,
            **({"title": dict(block.title)} if block.title else {}),
            "questions": [_question(each) for each in block.questions],
        }
        for block in content.blocks
    ]
    return found


def _question(question: Question) -> dict[str, Any]:
    usual = Question(key="", kind=question.kind, title={})
    low, high = SCALES.get(question.kind, (1, 5))
    found: dict[str, Any] = {"key": question.key, "kind": question.kind, "title": dict(question.title)}
    for name in ("help", "low_title", "high_title"):
        if getattr(question, name):
            found[name] = dict(getattr(question, name))
    for name in ("required", "minimum", "maximum", "longest", "total", "shown"):
        if getattr(question, name) != getattr(usual, name):
            found[name] = getattr(question, name)
    if (question.low, question.high) != (low, high):
        found["low"], found["high"] = question.low, question.high
    if question.reversed_:
        found["reversed"] = True
    if question.options:
        found["options"] = [
            {
                "key": each.key,
                "title": dict(each.title),
                **({"exclusive": True} if each.exclusive else {}),
                **({"other": True} if each.other else {}),
            }
            for each in question.options
        ]
    if question.items:
        found["items"] = [{"key": each.key, "title": dict(each.title)} for each in question.items]
    if question.when is not None:
        found["when"] = _condition(question.when)
    if question.go:
        found["go"] = [
            {"to": each.to, **({"when": _condition(each.when)} if each.when is not None else {})}
            for each in question.go
        ]
    return found


def _condition(condition: Condition) -> dict[str, Any]:
    tests = [
        {
            "question": each.question,
            **({"item": each.item} if each.item is not None else {}),
            "is": each.is_,
            **(
                {}
                if each.value is None
                else {"value": list(each.value) if isinstance(each.value, tuple) else each.value}
            ),
        }
        for each in condition.tests
    ]
    return {"any" if condition.any else "all": tests}
