"""A survey as a script for whoever calls: its blocks with questions, each as the fields that are filled in.

Must not know the page, nor the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from crmkit import texts
from crmkit.i18n import translate
from crmkit_feedback.surveys.content import Content, Question, said
from crmkit_feedback.surveys.sets import sets_of

_ = texts("crmkit_feedback")

Kind = Literal["radio", "check", "text", "long", "date", "number"]


@frozen(kw_only=True)
class ScriptField:
    """One field: its name as `crmkit_feedback.surveys.answers` reads it, its label, and what can be chosen."""

    name: str
    kind: Kind
    label: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@frozen(kw_only=True)
class ScriptQuestion:
    """A question as it is read out; ``depends`` says that it is asked only after some answers."""

    key: str
    title: str
    help: str = ""
    required: bool = False
    depends: bool = False
    low: str = ""
    high: str = ""
    fields: tuple[ScriptField, ...] = field(default=())


@frozen(kw_only=True)
class ScriptBlock:
    """A block of questions under its title."""

    title: str
    questions: tuple[ScriptQuestion, ...]


def script_of(content: Content, language: str, names: Mapping[str, str]) -> tuple[ScriptBlock, ...]:
    """Return a survey as a script in a language; ``names`` stand for ``{{customer.name}}`` and the like."""
    # A question is sure to be asked only before the first jump.
    jumped = False
    blocks: list[ScriptBlock] = []
    for block in content.blocks:
        questions: list[ScriptQuestion] = []
        for each in block.questions:
            questions.append(
                ScriptQuestion(
                    key=each.key,
                    title=_named(said(each.title, language, each.key), names),
                    help=said(each.help, language, ""),
                    required=each.required,
                    depends=jumped or each.when is not None,
                    low=said(each.low_title, language, ""),
                    high=said(each.high_title, language, ""),
                    fields=fields_of(each, language),
                )
            )
            jumped = jumped or bool(each.go)
        blocks.append(ScriptBlock(title=_named(said(block.title, language, ""), names), questions=tuple(questions)))
    return tuple(blocks)


def _named(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def fields_of(question: Question, language: str) -> tuple[ScriptField, ...]:
    """Return the fields of a question."""
    name = f"q.{question.key}"
    options = tuple((each.key, said(each.title, language, each.key)) for each in question.options)
    titles = dict(options)
    scale = tuple((str(value), str(value)) for value in range(question.low, question.high + 1))
    match question.kind:
        case "nps" | "csat" | "ces" | "rating":
            return (ScriptField(name=name, kind="radio", choices=scale),)
        case "single" | "dropdown":
            return (ScriptField(name=name, kind="radio", choices=options), *_other(question, name, language))
        case "multiple":
            boxes = tuple(ScriptField(name=name, kind="check", choices=(each,)) for each in options)
            return (*boxes, *_other(question, name, language))
        case "yes_no":
            both = (("yes", translate(_("Yes"), language)), ("no", translate(_("No"), language)))
            return (ScriptField(name=name, kind="radio", choices=both),)
        case "consent":
            return (ScriptField(name=name, kind="check", choices=(("yes", translate(_("Yes"), language)),)),)
        case "matrix":
            return tuple(
                ScriptField(
                    name=f"{name}.{each.key}", kind="radio", label=said(each.title, language, each.key), choices=scale
                )
                for each in question.items
            )
        case "ranking" | "constant_sum":
            return tuple(ScriptField(name=f"{name}.{key}", kind="number", label=title) for key, title in options)
        case "maxdiff":
            ways = (("best", translate(_("Best"), language)), ("worst", translate(_("Worst"), language)))
            return tuple(
                ScriptField(
                    name=f"{name}.{number}.{way}",
                    kind="radio",
                    label=f"{number}: {title}",
                    choices=tuple((key, titles[key]) for key in shown),
                )
                for number, shown in enumerate(sets_of([key for key, _title in options], question.shown), 1)
                for way, title in ways
            )
        case "number":
            return (ScriptField(name=name, kind="number"),)
        case "date":
            return (ScriptField(name=name, kind="date"),)
        case "long_text":
            return (ScriptField(name=name, kind="long"),)
        case "text" | "email" | "phone":
            return (ScriptField(name=name, kind="text"),)
    return ()


def _other(question: Question, name: str, language: str) -> tuple[ScriptField, ...]:
    if not any(each.other for each in question.options):
        return ()
    return (ScriptField(name=f"{name}.other", kind="text", label=translate(_("Other, namely"), language)),)
