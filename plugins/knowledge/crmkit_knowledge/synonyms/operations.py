"""Saying which words mean the same. Searches know at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit.engines.search.tokens import folded
from crmkit.errors import AlreadyExists
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.synonyms.lines import Line, line_of, lines_of
from crmkit_knowledge.synonyms.models import SynonymGroup

_ = texts("crmkit_knowledge")

MANAGE = "knowledge.synonym.manage"
MOST = 2000
"""Groups of a base: each search reads them."""
LineText = Annotated[
    str,
    Input(
        title=_("Terms"),
        help=_('Such as "refund, money back"; one way: "2fa => two-factor authentication".'),
        max_length=3000,
        classified="public",
    ),
]
FileText = Annotated[str, Input(title=_("Lines"), multiline=True, max_length=2_000_000, classified="public")]


@frozen(kw_only=True)
class Taken:
    """What became of the lines of a file: how many were added, and how many were there."""

    added: int
    known: int


@operation("knowledge.synonym.add", title=_("Add synonyms"), permission=MANAGE, effect="create")
def add(session: CrmSession, *, line: LineText) -> SynonymGroup:
    """Say that terms mean the same. Raises InvalidInput for a line that says nothing or too much, AlreadyExists for one
    that is there."""
    said = line_of(line)
    if _same(session, said) is not None:
        raise AlreadyExists(_("These are synonyms already."))
    _room(session, 1)
    made = SynonymGroup(terms=list(said.terms), of=list(said.of))
    session.add(made)
    session.flush()
    return made


@operation("knowledge.synonym.change", title=_("Change the synonyms"), permission=MANAGE, effect="update")
def change(session: CrmSession, group: SynonymGroup, *, line: LineText) -> SynonymGroup:
    """Say anew which terms mean the same. Raises what adding raises."""
    said = line_of(line)
    same = _same(session, said)
    if same is not None and same.id != group.id:
        raise AlreadyExists(_("These are synonyms already."))
    group.terms, group.of = list(said.terms), list(said.of)
    return group


@operation("knowledge.synonym.remove", title=_("Remove the synonyms"), permission=MANAGE, effect="delete")
def remove(session: CrmSession, group: SynonymGroup) -> None:
    """Have terms mean different things again."""
    session.delete(group)


@operation("knowledge.synonym.import", title=_("Take synonyms over"), permission=MANAGE, effect="create")
def take(session: CrmSession, *, text: FileText) -> Taken:
    """Add what the lines of a file say: all of them, or none. Raises InvalidInput with the number of a line that is not
    right."""
    there = {_meaning(each.terms, each.of) for each in session.scalars(select(SynonymGroup))}
    made: list[SynonymGroup] = []
    known = 0
    for number, line in lines_of(text):
        try:
            said = line_of(line)
        except InvalidInput as error:
            where = f"line {number}"
            raise InvalidInput([Problem(p.code, p.message, field=where, **p.values) for p in error.problems]) from error
        meaning = _meaning(said.terms, said.of)
        if meaning in there:
            known += 1
        else:
            there.add(meaning)
            made.append(SynonymGroup(terms=list(said.terms), of=list(said.of)))
    _room(session, len(made))
    session.add_all(made)
    session.flush()
    return Taken(added=len(made), known=known)


def _same(session: CrmSession, said: Line) -> SynonymGroup | None:
    wanted = _meaning(said.terms, said.of)
    groups = session.scalars(select(SynonymGroup))
    return next((each for each in groups if _meaning(each.terms, each.of) == wanted), None)


def _meaning(terms: Sequence[str], of: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return what groups have in common that say the same, however it is written."""
    return frozenset(map(folded, terms)), frozenset(map(folded, of))


def _room(session: CrmSession, more: int) -> None:
    there = session.scalar(select(func.count()).select_from(SynonymGroup)) or 0
    if there + more > MOST:
        raise problem("line", _("There are at most {most} groups of synonyms."), most=MOST)


OPERATIONS = [add, change, remove, take]
