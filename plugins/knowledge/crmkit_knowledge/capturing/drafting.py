"""Making a draft of what a record says: a text in four parts, in which nobody is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts
from crmkit.i18n import translate
from crmkit_knowledge.articles.inputs import CategoryName, Language, SpaceName
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.articles.words import KINDS
from crmkit_knowledge.capturing.alike import SAME, Alike, alike
from crmkit_knowledge.capturing.clearing import Names, cleared, line
from crmkit_knowledge.capturing.errors import SaidAlready, WrittenAlready
from crmkit_knowledge.capturing.events import ArticleDrafted
from crmkit_knowledge.capturing.models import ArticleLink
from crmkit_knowledge.capturing.reading import Heard, heard_in, names_for, record_of
from crmkit_knowledge.capturing.words import RECORDS, SECTIONS

_ = texts("crmkit_knowledge")

CREATE = "knowledge.article.create"
EMPTY = _("Still to be written.")
UNNAMED = _("Without a title")
LIKE = _("Like {numbers}")
MOST_SAID = 5
"""Messages of each side that a draft has."""
Despite = Annotated[
    bool,
    Input(
        title=_("All the same"),
        help=_("Also where an article says the same, or was written from this record."),
        classified="internal",
    ),
]


@operation("knowledge.article.from_record", title=_("Write an article from it"), permission=CREATE, effect="create")
def article_from_record(
    session: CrmSession,
    *,
    record: Annotated[
        str,
        Input(
            title=_("Written from"),
            help=_("A record, as resource:id."),
            max_length=160,
            classified="internal",
            records=RECORDS,
        ),
    ],
    title: Annotated[
        str,
        Input(title=_("Title"), help=_("Without one, what the record is about."), max_length=300, classified="public"),
    ] = "",
    space: SpaceName = "",
    category: CategoryName = "",
    kind: Annotated[
        Literal["how_to", "faq", "troubleshooting", "policy"],
        Input(title=_("Kind"), choices=KINDS, classified="public"),
    ] = "troubleshooting",
    language: Language = "",
    despite: Despite = False,
) -> Article:
    """Begin an article with what a case, feedback or an interaction says, in the parts problem, environment, cause and
    solution: without names, addresses and numbers of anybody, as far as the actor may read it. Articles that say
    something like it are named in the note of the draft, and the record is linked as its source.

    Raises SaidAlready where an article says the same and WrittenAlready where one was written from the record, unless
    ``despite``; InvalidInput for what names no record of which an article is written, NotFound for a record that the
    actor cannot see, and for a space or category that there is not.
    """
    resource, found = record_of(session, record, RECORDS)
    heard = heard_in(session, resource, found)
    if not despite:
        _check_source(session, heard.ref)
    names = names_for(session, [heard.customer_id] if heard.customer_id is not None else [])
    spoken = language.strip() or heard.language or session.actor.language or session.business().language
    said = line(title, Names(())) or line(heard.title, names) or translate(UNNAMED, spoken)
    like = alike(session, said, _compared(heard, names))
    if like and like[0].likeness >= SAME and not despite:
        raise SaidAlready(like[0].number, like[0].title)
    article: Article = session.run(
        CREATE,
        {
            "title": said,
            "body": body_of([heard], names, spoken),
            "space": space,
            "category": category,
            "kind": kind,
            "language": language.strip(),
            "note": note_of(like, spoken),
        },
    )
    session.run("knowledge.link.add", {"article_id": article.id, "record": heard.ref, "kind": "source"})
    session.emit(ArticleDrafted(article_id=article.id, number=article.number, ref=heard.ref))
    return article


def body_of(heard: Sequence[Heard], names: Names, language: str) -> str:
    """Return a text in Markdown that says what records say, in its parts."""
    parts: dict[str, list[str]] = {name: [] for name in SECTIONS}
    for each in heard:
        parts["problem"] += [_quiet(text, names) for text in each.problem[:MOST_SAID]]
        parts["cause"].append(_quiet(each.cause, names))
        parts["solution"] += [_quiet(text, names) for text in each.solution[-MOST_SAID:]]
        if not each.problem:
            parts["problem"].append(_quiet(each.title, names))
    around = {
        (translate(title, language), translate(value, language)) for each in heard for title, value in each.environment
    }
    parts["environment"] = ["\n".join(f"- {title}: {_quiet(value, names)}" for title, value in sorted(around))]
    lines: list[str] = []
    for name, title in SECTIONS.items():
        said = [each for each in dict.fromkeys(parts[name]) if each]
        lines += [f"## {translate(title, language)}", *(said or [f"*{translate(EMPTY, language)}*"])]
    return "\n\n".join(lines) + "\n"


def note_of(like: Sequence[Alike], language: str) -> str:
    """Return a note that names the articles that say something like a draft."""
    return translate(LIKE, language, numbers=", ".join(str(each.number) for each in like[:5])) if like else ""


def _compared(heard: Heard, names: Names) -> str:
    return "\n".join(cleared(each, names) for each in (*heard.problem, heard.cause, *heard.solution))


def _quiet(text: str, names: Names) -> str:
    """Return a text that is cleared and begins no part of its own."""
    said = cleared(str(text), names)
    return "\n".join(f"\\{each}" if each.startswith("#") else each for each in said.splitlines())


def _check_source(session: CrmSession, ref: str) -> None:
    query = (
        select(Article.number)
        .join(ArticleLink, ArticleLink.article_id == Article.id)
        .where(ArticleLink.ref == ref, ArticleLink.kind == "source", ArticleLink.removed_at.is_(None))
    )
    number = session.scalar(query.limit(1))
    if number is not None:
        raise WrittenAlready(number)


OPERATIONS = [article_from_record]
