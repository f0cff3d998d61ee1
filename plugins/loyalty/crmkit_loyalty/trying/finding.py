"""Which rules are tried: a version that is named by its id or number, or the one that counts. Must not change them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, NotFound, texts
from crmkit_loyalty.earning.models import RuleSet
from crmkit_loyalty.earning.operations import published
from crmkit_loyalty.programs.finding import program_named
from crmkit_loyalty.programs.models import Program
from crmkit_loyalty.trying.errors import NoRules

_ = texts("crmkit_loyalty")

DRAFT = "draft"


def version_named(session: CrmSession, program: str = "", version: str = "") -> tuple[Program, RuleSet]:
    """Return a version of rules with its programme: by its id, its number, "draft" for the one that is being written,
    or without a name the one that counts. Raises NotFound, NoRules."""
    named = version.strip()
    if _is_id(named):
        rule_set = session.get(RuleSet, UUID(named))
        if rule_set is None:
            raise NotFound(_('There is no version "{version}" of the rules.'), version=named)
        return session.get_one(Program, rule_set.program_id), rule_set
    found = program_named(session, program)
    if not named:
        counting = published(session, found)
        if counting is None:
            raise NoRules(found.title)
        return found, counting
    query = select(RuleSet).where(RuleSet.program_id == found.id)
    if named == DRAFT:
        query = query.where(RuleSet.state == "draft")
    elif named.isdecimal() and len(named) < 10:
        query = query.where(RuleSet.number == int(named))
    else:
        raise NotFound(_('There is no version "{version}" of the rules.'), version=named)
    chosen = session.scalars(query).first()
    if chosen is None:
        raise NotFound(_('There is no version "{version}" of the rules.'), version=named)
    return found, chosen


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
