"""Writing a survey question by question: each change is an operation on its draft, so that a page can have a form for
each, and nothing is lost when somebody else changes it at the same time.

What a draft says need not make sense yet; `publish` checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from attrs import evolve, frozen

from crmkit import UNSET, CrmSession, Input, InvalidInput, NotFound, Problem, UnsetType, given, operation, texts
from crmkit_feedback.surveys.conditions import condition_of, jump_of
from crmkit_feedback.surveys.content import (
    CHOOSING,
    Block,
    Content,
    Item,
    Option,
    Question,
    Texts,
    content_of,
    document_of,
)
from crmkit_feedback.surveys.errors import SurveyInState
from crmkit_feedback.surveys.models import Survey
from crmkit_feedback.surveys.words import QUESTION_KINDS

_ = texts("crmkit_feedback")

MANAGE = "feedback.survey.manage"

Key = Annotated[
    str,
    Input(
        title=_("Key"),
        help=_("Small letters, digits and _. Answers are kept under it."),
        max_length=40,
        classified="public",
    ),
]
Language = Annotated[str, Input(title=_("Language"), max_length=12, classified="public")]
Title = Annotated[str, Input(title=_("Question"), max_length=1000, multiline=True, classified="public")]
Help = Annotated[str, Input(title=_("Help"), max_length=1000, classified="public")]
Lines = Annotated[
    str,
    Input(
        title=_("Options or rows"),
        help=_("One a line: key | text. An option with text ends with *, one that goes with no other with !"),
        max_length=8000,
        multiline=True,
        classified="public",
    ),
]
When = Annotated[
    str,
    Input(
        title=_("Asked if"),
        help=_("Such as: recommend <= 6 and solved = no. Empty for always."),
        max_length=1000,
        classified="public",
    ),
]
Go = Annotated[
    str,
    Input(
        title=_("Then goes on at"),
        help=_("One a line: end, screen_out, a page or a question, such as: end if recommend >= 9"),
        max_length=1000,
        multiline=True,
        classified="public",
    ),
]
KindOfQuestion = Literal[
    "nps", "csat", "ces", "rating", "single", "multiple", "dropdown", "yes_no", "matrix", "ranking", "maxdiff",
    "constant_sum", "number", "date", "text", "long_text", "email", "phone", "consent", "statement",
]  # fmt: skip
Kind = Annotated[KindOfQuestion, Input(title=_("Kind"), choices=QUESTION_KINDS, classified="public")]


@frozen(kw_only=True)
class QuestionUpdate:
    """What is to be changed of a question; what is not given stays. Texts are those of ``language``."""

    question: Key
    language: Language = "en"
    title: Title | UnsetType = UNSET
    help: Help | UnsetType = UNSET
    required: Annotated[bool, Input(title=_("Has to be answered"), classified="public")] | UnsetType = UNSET
    options: Lines | UnsetType = UNSET
    low_title: Annotated[str, Input(title=_("At the low end"), max_length=200, classified="public")] | UnsetType = UNSET
    high_title: Annotated[str, Input(title=_("At the high end"), max_length=200, classified="public")] | UnsetType = (
        UNSET
    )
    low: Annotated[int, Input(title=_("Scale from"), classified="public")] | UnsetType = UNSET
    high: Annotated[int, Input(title=_("Scale to"), classified="public")] | UnsetType = UNSET
    minimum: Annotated[int | None, Input(title=_("At least (number, or choices)"), classified="public")] | UnsetType = (
        UNSET
    )
    maximum: Annotated[int | None, Input(title=_("At most (number, or choices)"), classified="public")] | UnsetType = (
        UNSET
    )
    total: Annotated[int, Input(title=_("Points to share out"), classified="public")] | UnsetType = UNSET
    shown: Annotated[int, Input(title=_("Options in a set (MaxDiff)"), classified="public")] | UnsetType = UNSET
    longest: Annotated[int, Input(title=_("Characters at most"), classified="public")] | UnsetType = UNSET
    when: When | UnsetType = UNSET
    go: Go | UnsetType = UNSET


@operation("feedback.question.add", title=_("Add a question"), permission=MANAGE, effect="update")
def add_question(
    session: CrmSession,
    survey: Survey,
    *,
    key: Key,
    kind: Kind,
    title: Title,
    language: Language = "en",
    page: Annotated[
        str, Input(title=_("Page"), help=_("Empty for the last one."), max_length=40, classified="public")
    ] = "",
    options: Lines = "",
    required: Annotated[bool, Input(title=_("Has to be answered"), classified="public")] = False,
) -> Survey:
    """Add a question at the end of a page of the draft. Raises InvalidInput for a key that is taken or cannot be read,
    NotFound for a page that there is not."""
    content = _draft(survey)
    if content.question(key) is not None:
        raise InvalidInput([Problem(InvalidInput.code, _('The key "{key}" stands twice.'), field="key", key=key)])
    if not content.blocks:
        content = evolve(content, blocks=(Block(key="page1", questions=()),))
    place = content.blocks[-1].key if not page else _page(content, page).key
    made = Question(key=key, kind=kind, title={language: title.strip()}, required=required)
    if kind in ("nps", "csat", "ces", "rating"):
        low, high = {"nps": (0, 10), "ces": (1, 7)}.get(kind, (1, 5))
        made = evolve(made, low=low, high=high)
    made = _with_parts(made, options, language)
    blocks = tuple(
        evolve(each, questions=(*each.questions, made)) if each.key == place else each for each in content.blocks
    )
    languages = content.languages if language in content.languages else (*content.languages, language)
    return _keep(survey, evolve(content, blocks=blocks, languages=languages))


@operation("feedback.question.update", title=_("Change a question"), permission=MANAGE, effect="update")
def update_question(session: CrmSession, survey: Survey, changes: QuestionUpdate) -> Survey:
    """Change a question of the draft. Raises NotFound for one that there is not, InvalidInput for a condition or a
    line that is not understood."""
    said = given(changes)
    language = changes.language

    def changed(question: Question) -> Question:
        values: dict[str, Any] = {}
        for name in ("title", "help", "low_title", "high_title"):
            if name in said:
                values[name] = _in_language(getattr(question, name), language, said[name])
        for name in ("required", "low", "high", "minimum", "maximum", "total", "shown", "longest"):
            if name in said:
                values[name] = said[name]
        if "when" in said:
            values["when"] = condition_of(said["when"])
        if "go" in said:
            values["go"] = tuple(jump_of(each) for each in said["go"].splitlines() if each.strip())
        question = evolve(question, **values)
        return _with_parts(question, said["options"], language) if "options" in said else question

    return _keep(survey, _changed(_draft(survey), changes.question, changed))


@operation("feedback.question.move", title=_("Move a question"), permission=MANAGE, effect="update")
def move_question(
    session: CrmSession,
    survey: Survey,
    *,
    question: Key,
    way: Annotated[
        Literal["up", "down"],
        Input(title=_("Where to"), choices={"up": _("Up"), "down": _("Down")}, classified="public"),
    ] = "up",
) -> Survey:
    """Move a question one place up or down, to the neighbouring page at the end of its own. Raises NotFound."""
    content = _draft(survey)
    moved = _question(content, question)
    pages = [list(each.questions) for each in content.blocks]
    at = next(number for number, page in enumerate(pages) if moved in page)
    place = pages[at].index(moved)
    pages[at].remove(moved)
    step = -1 if way == "up" else 1
    if 0 <= place + step <= len(pages[at]):
        pages[at].insert(place + step, moved)
    elif 0 <= at + step < len(pages):
        pages[at + step].insert(len(pages[at + step]) if way == "up" else 0, moved)
    else:
        pages[at].insert(place, moved)
    blocks = (evolve(each, questions=tuple(page)) for each, page in zip(content.blocks, pages, strict=True))
    return _keep(survey, evolve(content, blocks=tuple(blocks)))


@operation("feedback.question.remove", title=_("Take a question out"), permission=MANAGE, effect="update")
def remove_question(session: CrmSession, survey: Survey, *, question: Key) -> Survey:
    """Take a question out of the draft; answers to it in earlier versions stay. Raises NotFound."""
    content = _draft(survey)
    gone = _question(content, question)
    blocks = (
        evolve(each, questions=tuple(other for other in each.questions if other is not gone)) for each in content.blocks
    )
    return _keep(survey, evolve(content, blocks=tuple(blocks)))


@operation("feedback.page.add", title=_("Add a page"), permission=MANAGE, effect="update")
def add_page(session: CrmSession, survey: Survey, *, key: Key) -> Survey:
    """Add a page at the end of the draft. Raises InvalidInput for a key that is taken or cannot be read."""
    content = _draft(survey)
    if any(each.key == key for each in content.blocks):
        raise InvalidInput([Problem(InvalidInput.code, _('The key "{key}" stands twice.'), field="key", key=key)])
    return _keep(survey, evolve(content, blocks=(*content.blocks, Block(key=key, questions=()))))


@operation("feedback.page.remove", title=_("Take a page out"), permission=MANAGE, effect="update")
def remove_page(session: CrmSession, survey: Survey, *, page: Key) -> Survey:
    """Take a page with its questions out of the draft. Raises NotFound."""
    content = _draft(survey)
    gone = _page(content, page)
    return _keep(survey, evolve(content, blocks=tuple(each for each in content.blocks if each is not gone)))


@operation("feedback.survey.word", title=_("Change the texts"), permission=MANAGE, effect="update")
def word(
    session: CrmSession,
    survey: Survey,
    *,
    language: Language = "en",
    heading: Annotated[str, Input(title=_("Heading"), max_length=200, classified="public")] = "",
    introduction: Annotated[
        str, Input(title=_("Introduction"), max_length=2000, multiline=True, classified="public")
    ] = "",
    thanks: Annotated[str, Input(title=_("Thanks"), max_length=2000, multiline=True, classified="public")] = "",
) -> Survey:
    """Change the heading, the introduction and the thanks of the draft in a language; an empty text is taken out."""
    content = _draft(survey)
    languages = content.languages if language in content.languages else (*content.languages, language)
    return _keep(
        survey,
        evolve(
            content,
            languages=languages,
            title=_in_language(content.title, language, heading),
            introduction=_in_language(content.introduction, language, introduction),
            thanks=_in_language(content.thanks, language, thanks),
        ),
    )


def lines_of(question: Question, language: str) -> str:
    """Return the options or rows of a question as lines, as the forms take them."""
    lines = []
    for part in (*question.options, *question.items):
        mark = ""
        if isinstance(part, Option):
            mark = "*" if part.other else "!" if part.exclusive else ""
        lines.append(f"{part.key} | {part.title.get(language, '')}{mark}")
    return "\n".join(lines)


def _with_parts(question: Question, text: str, language: str) -> Question:
    """Return a question with the options or rows that lines say; texts in other languages stay."""
    known: Mapping[str, Any] = {each.key: each for each in (*question.options, *question.items)}
    parts: list[Any] = []
    for line in (each.strip() for each in text.splitlines() if each.strip()):
        key, _bar, title = (each.strip() for each in line.partition("|"))
        mark = title[-1:] if title[-1:] in ("*", "!") else ""
        title = title.removesuffix(mark).strip() if mark else title
        titles = _in_language(known[key].title if key in known else {}, language, title or key)
        if question.kind in CHOOSING:
            parts.append(Option(key=key, title=titles, other=mark == "*", exclusive=mark == "!"))
        else:
            parts.append(Item(key=key, title=titles))
    if question.kind == "matrix":
        return evolve(question, items=tuple(parts))
    return evolve(question, options=tuple(parts))


def _in_language(known: Texts, language: str, text: str) -> Texts:
    rest = {name: each for name, each in known.items() if name != language}
    return {**known, language: text.strip()} if text.strip() else rest


def _draft(survey: Survey) -> Content:
    if survey.state == "imported":
        raise SurveyInState(survey.name, survey.state)
    return content_of(survey.draft)


def _keep(survey: Survey, content: Content) -> Survey:
    # Read back, so that keys and sizes are judged as those of a file are.
    survey.draft = document_of(content_of(document_of(content)))
    return survey


def _question(content: Content, key: str) -> Question:
    found = content.question(key)
    if found is None:
        known = ", ".join(each.key for each in content.questions) or "–"
        raise NotFound(_('There is no question "{key}".'), fix=_("There are: {known}."), key=key, known=known)
    return found


def _page(content: Content, key: str) -> Block:
    found = next((each for each in content.blocks if each.key == key), None)
    if found is None:
        known = ", ".join(each.key for each in content.blocks) or "–"
        raise NotFound(_('There is no page "{key}".'), fix=_("There are: {known}."), key=key, known=known)
    return found


def _changed(content: Content, key: str, change: Callable[[Question], Question]) -> Content:
    _question(content, key)
    return evolve(
        content,
        blocks=tuple(
            evolve(block, questions=tuple(change(each) if each.key == key else each for each in block.questions))
            for block in content.blocks
        ),
    )


OPERATIONS = [add_question, update_question, move_question, remove_question, add_page, remove_page, word]
