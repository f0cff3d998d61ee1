"""Words that say the same as a line of text, in the form that search engines have for it: ``refund, money back`` both
ways, ``2fa => two-factor authentication`` one way. Must not know the database.

The form is that of Apache Solr's and Lucene's files of synonyms; a term may stand in quotation marks as well, as sheets
write it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from attrs import frozen

from crmkit import texts
from crmkit.engines.search.tokens import asked_of, folded
from crmkit_knowledge.articles.errors import problem

_ = texts("crmkit_knowledge")

MOST, LONGEST = 20, 60


@frozen
class Line:
    """What a line says: the terms, and with ``of`` what they are found by."""

    terms: tuple[str, ...]
    of: tuple[str, ...] = ()


def line_of(text: str) -> Line:
    """Return what a line says. Raises InvalidInput for one that says nothing or too much."""
    before, arrow, after = text.replace("，", ",").partition("=>")
    if not arrow:
        terms = _terms(before)
        if len(terms) < 2:
            raise problem("line", _('Name at least two terms: "refund, money back".'))
        return Line(terms)
    of, terms = _terms(before), _terms(after)
    if not of or not terms:
        raise problem("line", _('Name a term on both sides: "2fa => two-factor authentication".'))
    return Line(terms, of)


def text_of(terms: Sequence[str], of: Sequence[str]) -> str:
    """Return the line that says this."""
    said = ", ".join(terms)
    return f"{', '.join(of)} => {said}" if of else said


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers, without empty ones and remarks (``#``)."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _terms(text: str) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for each in next(csv.reader([text], skipinitialspace=True, escapechar="\\"), []):
        term = " ".join(each.split())
        if not term:
            continue
        if len(term) > LONGEST:
            raise problem("line", _("A term has at most {most} characters."), most=LONGEST)
        if not asked_of(folded(term)):
            raise problem("line", _('"{term}" has no word in it.'), term=term)
        found.setdefault(folded(term), term)
    if len(found) > MOST:
        raise problem("line", _("These are more than {most} terms."), most=MOST)
    return tuple(found.values())
