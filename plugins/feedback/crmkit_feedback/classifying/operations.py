"""Themes, what people say that feedback is about, and having models learnt."""

from __future__ import annotations

import difflib
import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select, update

from crmkit import UNSET, CrmSession, Input, Job, NotFound, Subscription, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists, Conflict
from crmkit.i18n import translate
from crmkit_feedback.classifying.events import FeedbackClassified, ThemesLearnt
from crmkit_feedback.classifying.labelling import label, labels_of
from crmkit_feedback.classifying.learning import Example, classifier_of, learn
from crmkit_feedback.classifying.matching import Matcher
from crmkit_feedback.classifying.models import FeedbackTheme, Theme, ThemeModel
from crmkit_feedback.classifying.starter import THEMES
from crmkit_feedback.items.history import problem
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")

MANAGE, LEARN, UPDATE = "feedback.theme.manage", "feedback.model.learn", "feedback.feedback.update"
BATCH = 200
MOST = 20_000
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")

Name = Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Parent = Annotated[str, Input(title=_("Part of"), max_length=60, resource="feedback.theme", classified="public")]
Words = Annotated[
    tuple[str, ...],
    Input(
        title=_("Words"),
        help=_("By which it is recognised, in any language; pack* stands for all that begin so."),
        max_length=300,
        classified="public",
    ),
]
Queue = Annotated[str, Input(title=_("Queue"), max_length=60, resource="work.queue", classified="public")]
ThemeName = Annotated[str, Input(title=_("Theme"), max_length=60, resource="feedback.theme", classified="public")]


@frozen(kw_only=True)
class ThemeUpdate:
    """What is to be changed; what is not given stays."""

    title: Title | UnsetType = UNSET
    parent: Parent | UnsetType = UNSET
    words: Words | UnsetType = UNSET
    queue: Queue | UnsetType = UNSET
    active: Annotated[bool, Input(title=_("Active"), classified="public")] | UnsetType = UNSET


@operation("feedback.theme.create", title=_("Add a theme"), permission=MANAGE, effect="create")
def create_theme(
    session: CrmSession, *, name: Name, title: Title = "", parent: Parent = "", words: Words = (), queue: Queue = ""
) -> Theme:
    """Add something that feedback can be about. Raises AlreadyExists, InvalidInput for a name that is none, NotFound
    for the theme that it is said to be part of."""
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits, - and _, and begins with a letter."))
    if session.scalar(select(Theme.id).where(Theme.name == name)) is not None:
        raise AlreadyExists(_('There is a theme "{name}" already.'), name=name)
    made = Theme(
        name=name,
        title=title.strip() or name,
        parent_id=theme_named(session, parent).id if parent else None,
        words=list(dict.fromkeys(each.strip() for each in words if each.strip())),
        queue=queue or None,
    )
    session.add(made)
    return made


@operation("feedback.theme.update", title=_("Change the theme"), permission=MANAGE, effect="update")
def update_theme(session: CrmSession, theme: Theme, changes: ThemeUpdate) -> Theme:
    """Change a theme. Raises InvalidInput where it would be part of itself, NotFound."""
    said = given(changes)
    if "parent" in said:
        name = said.pop("parent")
        parent = theme_named(session, name) if name else None
        above = parent
        while above is not None:
            if above.id == theme.id:
                raise problem("parent", _("A theme is not part of itself."))
            above = session.get(Theme, above.parent_id) if above.parent_id else None
        theme.parent_id = parent.id if parent is not None else None
    if "words" in said:
        theme.words = list(dict.fromkeys(each.strip() for each in said.pop("words") if each.strip()))
    for key, value in said.items():
        setattr(theme, key, (value or None) if key == "queue" else value)
    return theme


@operation("feedback.theme.ship", title=_("Add the usual themes"), permission=MANAGE, effect="create", hidden=True)
def ship_themes(session: CrmSession) -> None:
    """Add the themes to begin with, in the company's language, where there are none yet."""
    if session.scalar(select(Theme.id).limit(1)) is not None:
        return
    language = session.business().language
    known: dict[str, UUID] = {}
    for each in THEMES:
        made = Theme(
            name=each.name,
            title=translate(each.title, language),
            parent_id=known.get(each.parent),
            words=list(each.words),
        )
        session.add(made)
        session.flush()
        known[each.name] = made.id


# --- what feedback is about -----------------------------------------------------------------------------------------


@operation("feedback.feedback.classify", title=_("Find out what it is about"), permission=UPDATE, effect="update")
def classify(session: CrmSession, feedback: Feedback) -> Feedback:
    """Find out what feedback is about and what it thinks; what a person has said of it stays."""
    label(session, [feedback])
    _tell(session, feedback)
    return feedback


@operation("feedback.feedback.set_theme", title=_("It is about …"), permission=UPDATE, effect="update")
def set_theme(session: CrmSession, feedback: Feedback, *, theme: ThemeName) -> Feedback:
    """Say that feedback is about a theme. No machine takes that back, and the next model learns from it. Raises
    NotFound."""
    return say(session, feedback, theme, "on")


@operation("feedback.feedback.unset_theme", title=_("It is not about …"), permission=UPDATE, effect="update")
def unset_theme(session: CrmSession, feedback: Feedback, *, theme: ThemeName) -> Feedback:
    """Say that feedback is not about a theme. No machine says so again, and the next model learns from it. Raises
    NotFound."""
    return say(session, feedback, theme, "off")


def say(session: CrmSession, feedback: Feedback, name: str, state: str) -> Feedback:
    """Write down a person's word on whether feedback is about a theme. Raises NotFound."""
    theme = theme_named(session, name)
    query = select(FeedbackTheme).where(FeedbackTheme.feedback_id == feedback.id, FeedbackTheme.theme_id == theme.id)
    row = session.scalars(query).first() or FeedbackTheme(feedback_id=feedback.id, theme_id=theme.id)
    row.state, row.way, row.confidence, row.user_id = state, "person", None, session.actor.user_id
    session.add(row)
    session.flush()
    _tell(session, feedback)
    return feedback


def _tell(session: CrmSession, feedback: Feedback) -> None:
    names = session.scalars(
        select(Theme.name)
        .join(FeedbackTheme, FeedbackTheme.theme_id == Theme.id)
        .where(FeedbackTheme.feedback_id == feedback.id, FeedbackTheme.state == "on")
        .order_by(Theme.name)
    )
    found = FeedbackClassified(feedback_id=feedback.id, customer_id=feedback.customer_id, themes=tuple(names))
    session.emit(found)


# --- learning -------------------------------------------------------------------------------------------------------


@operation("feedback.model.learn", title=_("Learn from corrections"), permission=LEARN, effect="create")
def learn_themes(session: CrmSession) -> ThemeModel:
    """Learn themes from all feedback of which a person has said what it is about; what a machine said is no truth. The
    model counts from now on if texts that it has not seen support that it does better than the model in use, or than
    the words of the themes without one: the 95% interval of what F1 gains is above nought. It is kept in either case.

    Raises Conflict where too few texts were labelled. Needs ``crmkit[feedback]``.
    """
    examples, by_words = _examples(session)
    counting = select(ThemeModel).where(ThemeModel.kind == "themes", ThemeModel.counts.is_(True))
    used = session.scalars(counting.order_by(ThemeModel.number.desc())).first()
    trial = None if used is None else classifier_of(used.content.get("trial") or used.content)
    lesson = learn(examples, by_words, trial)
    if lesson is None:
        raise Conflict(
            _("Too little feedback was labelled by people: {count}."),
            fix=_("Say of thirty texts at least what they are about, of eight for each theme."),
            count=len(examples),
        )
    last = session.scalar(select(func.max(ThemeModel.number)).where(ThemeModel.kind == "themes")) or 0
    if lesson.better:
        session.execute(update(ThemeModel).where(ThemeModel.kind == "themes").values(counts=False))
    model = ThemeModel(
        kind="themes",
        number=last + 1,
        learnt_at=session.gate.clock.business_now(),
        counts=lesson.better,
        examples=lesson.examples,
        figures=_figures(lesson),
        content={**lesson.model.document(), "trial": lesson.trial.document()},
    )
    session.add(model)
    session.flush()
    session.emit(ThemesLearnt(model_id=model.id, kind="themes", counts=lesson.better))
    return model


def _figures(lesson: Any) -> dict[str, Any]:
    return {
        "held_out": lesson.held_out,
        "gain": {
            "value": round(lesson.gain[0], 4),
            "low": round(lesson.gain[1], 4),
            "high": round(lesson.gain[2], 4),
            "over": "words" if lesson.used is None else "model",
        },
        "themes": sorted(lesson.model.weights),
        **{
            name: {"precision": round(each.precision, 4), "recall": round(each.recall, 4), "f1": round(each.f1, 4)}
            for name, each in (("learnt", lesson.learnt), ("words", lesson.words))
        },
    }


def _examples(session: CrmSession) -> tuple[list[Example], list[set[str]]]:
    """Return the texts that people have labelled, with their themes, and what the words of the themes say of them."""
    themes = {each.id: each for each in session.scalars(select(Theme).where(Theme.active.is_(True)))}
    matcher = Matcher({each.name: each.words for each in themes.values()})
    labelled = select(FeedbackTheme.feedback_id).where(FeedbackTheme.way == "person").distinct()
    items = session.scalars(
        select(Feedback).where(Feedback.id.in_(labelled)).order_by(Feedback.received_at.desc(), Feedback.id).limit(MOST)
    ).all()
    rows = labels_of(session, [each.id for each in items])
    examples, by_words = [], []
    for item in items:
        if not isinstance(item.verbatim, str):
            continue
        on, unknown = set[str](), set[str]()
        for row in rows.get(item.id, ()):
            if row.state == "on" and row.theme_id in themes:
                (on if row.way == "person" else unknown).add(themes[row.theme_id].name)
        examples.append(Example(text=item.verbatim, themes=frozenset(on), unknown=frozenset(unknown)))
        by_words.append(set(matcher.themes(item.verbatim)))
    return examples, by_words


def theme_named(session: CrmSession, name: str) -> Theme:
    """Return a theme by its name. Raises NotFound, with the names that come close."""
    found = session.scalars(select(Theme).where(Theme.name == name)).first()
    if found is not None:
        return found
    names = list(session.scalars(select(Theme.name).order_by(Theme.name)))
    close = ", ".join(difflib.get_close_matches(name, names, 3) or names[:10]) or "–"
    raise NotFound(_('There is no theme "{name}".'), fix=_("There are: {known}."), name=name, known=close)


# --- by itself ------------------------------------------------------------------------------------------------------


@operation("feedback.feedback.classify_new", title=_("Find out what is new about"), permission=UPDATE, hidden=True)
def classify_new(session: CrmSession) -> int:
    """Find out what feedback is about that nobody has looked at yet, at most `BATCH` at once; say how much that was."""
    query = (
        select(Feedback)
        .where(Feedback.judged.is_(False))
        .order_by(Feedback.received_at.desc(), Feedback.id)
        .limit(BATCH)
    )
    items = session.scalars(query).all()
    label(session, items)
    for item in items:
        item.judged = True
        _tell(session, item)
    return len(items)


def judge(session: CrmSession, tick: datetime | None = None) -> None:
    """Find out what new feedback is about, and go on where there is more."""
    if session.run("feedback.feedback.classify_new") == BATCH:
        session.defer("feedback.classify_now", unique="feedback.classify_now")


def taken(session: CrmSession, event: Any) -> None:
    """Have new feedback judged soon, however much comes at once."""
    session.defer("feedback.classify_now", unique="feedback.classify_now")


OPERATIONS = [
    create_theme,
    update_theme,
    ship_themes,
    classify,
    set_theme,
    unset_theme,
    learn_themes,
    classify_new,
]
JOBS = [
    Job(
        name="feedback.classify",
        handler=judge,
        every="10 minutes",
        catch_up="latest",
        acts_as="system",
        title=_("Find out what feedback is about"),
    ),
    Job(name="feedback.classify_now", handler=judge, acts_as="system", title=_("Find out what feedback is about")),
]
SUBSCRIPTIONS = [Subscription(name="feedback.classify_taken", event="feedback.feedback.taken", handler=taken)]
