"""Reading questions and judgements from files, and asking the search. Must not know figures."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import select

from crmkit import CrmSession, texts
from crmkit.engines.search.searching import search_ids
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.relevance.figures import Asked
from crmkit_knowledge.semantic.finding import fused_ids

_ = texts("crmkit_knowledge")

ARTICLE = "knowledge.article"
DEEP = 100
"""How many hits are looked at for MAP."""


def ask_all(session: CrmSession, queries: Path, judgements: Path, *, semantic: bool = False) -> list[Asked]:
    """Ask the questions of one file of the search, for those articles that the session's actor may see, and put the
    judgements of another one beside what was found.

    Both are tab-separated with a heading: ``query_id, text`` and ``query_id, article_id, relevance``. Articles are
    named by their external id, number or address. With ``semantic`` they are found by what they mean, too. Raises
    InvalidInput for a file that is none, with its line.
    """
    questions = dict(_questions(queries))
    relevant: dict[str, dict[str, int]] = {}
    for line, query, article, gain in _judged(judgements):
        if query not in questions:
            raise problem(
                "qrels", _('{file}, line {line}: there is no question "{query}".'),
                file=judgements.name, line=line, query=query,
            )  # fmt: skip
        relevant.setdefault(query, {})[article] = gain
    asked: list[Asked] = []
    for query, text in questions.items():
        wanted = relevant.get(query, {})
        asked.append(Asked(question=text, found=_found(session, text, wanted, semantic), relevant=wanted))
    return asked


def _found(session: CrmSession, text: str, relevant: Mapping[str, int], semantic: bool) -> list[str]:
    found = fused_ids(session, text, limit=DEEP) if semantic else search_ids(session, text, ARTICLE, limit=DEEP)
    ids = [str(each) for each in found]
    names = _names(session, ids)
    return [next((name for name in names.get(id_, ()) if name in relevant), id_) for id_ in ids]


def _names(session: CrmSession, ids: list[str]) -> dict[str, tuple[str, ...]]:
    """Return what articles are called by, by their ids."""
    from uuid import UUID

    query = select(Article.id, Article.external_id, Article.number, Article.slug)
    rows = session.execute(query.where(Article.id.in_([UUID(each) for each in ids])))
    return {
        str(id_): tuple(str(name) for name in (external_id, number, slug) if name is not None)
        for id_, external_id, number, slug in rows
    }


def _questions(path: Path) -> Iterator[tuple[str, str]]:
    for line, row in _rows(path, "queries", ("query_id", "text")):
        if not row["query_id"]:
            raise problem("queries", _("{file}, line {line}: a question has no id."), file=path.name, line=line)
        yield row["query_id"], row["text"]


def _judged(path: Path) -> Iterator[tuple[int, str, str, int]]:
    for line, row in _rows(path, "qrels", ("query_id", "article_id", "relevance")):
        try:
            gain = int(row["relevance"])
        except ValueError:
            gain = -1
        if not 0 <= gain <= 10:
            raise problem(
                "qrels",
                _("{file}, line {line}: a relevance is a whole number from 0 to 10."),
                file=path.name,
                line=line,
            )
        yield line, row["query_id"], row["article_id"], gain


def _rows(path: Path, field: str, names: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise problem(field, _("{file} cannot be read as a text in UTF-8."), file=path.name) from error
    # Quotation marks are signs like others: questions of people have one where it has no partner.
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [each for each in names if each not in (reader.fieldnames or ())]
    if missing:
        raise problem(field, _('{file} has no column "{name}".'), file=path.name, name=missing[0])
    for row in reader:
        yield reader.line_num, {name: (row[name] or "").strip() for name in names}
