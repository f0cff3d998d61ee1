"""Whether rules can be used: before one is saved, and for ``crmkit doctor``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmkit.engines.definitions.publishing import Defined
from crmkit.engines.expressions import tree
from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.rules.causality import Link, cycles
from crmkit.engines.rules.compiling import Compiled, compile_rule, constant
from crmkit.engines.rules.index import RuleIndex, index_of
from crmkit.engines.rules.publishers import check_reading, publisher_of
from crmkit.errors import CrmkitError, DefinitionError, Problem
from crmkit.hooks.contributions import Check, Finding
from crmkit.hooks.rules import Rule
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


def compiled_for(session: CrmSession, rule: Rule) -> Compiled:
    """Return a rule made ready for somebody who would publish it. Raises DefinitionError."""
    return compile_rule(rule, session.gate.registry, index_of(session).language(rule.on))


def problems_of(session: CrmSession, rule: Rule) -> Iterator[Problem]:
    """Return what keeps the session's actor from publishing a rule: what is wrong with it, and what it would do that
    the actor may not."""
    actor = session.actor
    try:
        compiled = compiled_for(session, rule)
        check_reading(session, compiled)
        publisher_of(own_of(session, rule))
        for action in compiled.actions:
            session.gate.permits.check(session, action.operation)
    except DefinitionError as error:
        yield from error.problems
    except CrmkitError as error:
        for problem in error.problems:
            # Its values come first: a problem's own field would name a field of something else.
            yield Problem(problem.code, problem.message, hint=problem.hint, **{"actor": actor.id, **problem.values})


def own_of(session: CrmSession, rule: Rule) -> Defined:
    """Return a rule as it would be if the session's actor published it."""
    actor = session.actor
    return Defined(
        kind="rule",
        name=rule.name,
        value=rule,
        origin="own",
        publisher=actor.id,
        publisher_user_id=actor.user_id,
        publisher_limits=actor.limits,
    )


def possible_cycles(session: CrmSession, rule: Rule) -> list[tuple[str, ...]]:
    """Return the ways on which a rule, with those that are on, could set itself off again, as names of rules."""
    if rule.on is None:
        return []
    index = index_of(session)
    links: list[Link] = [_link(compiled_for(session, rule))]
    for item in index.items.values():
        ready = index.made_ready(item) if item.enabled and item.value.on and item.name != rule.name else None
        if ready is not None:
            links.append(_link(ready.compiled))
    return cycles(session.gate.registry, links, through=rule.name)


def _link(compiled: Compiled) -> Link:
    does: list[tuple[str, dict[str, Any]]] = []
    for action in compiled.actions:
        same = {
            name: constant(each)
            for name, each in action.arguments.items()
            if isinstance(each, Expression) and isinstance(each.tree, tree.Literal)
        }
        does.append((action.operation.name, same))
    return Link(rule=compiled.rule.name, on=compiled.rule.on or "", keys=compiled.keys, does=does)


def broken_rules(index: RuleIndex) -> Iterable[tuple[Defined, str]]:
    """Return the rules that can't be used, each with the reason."""
    found = index.check_all()
    return [(index.items[name], error.render()) for name, error in sorted(found.items())]


def rules_are_usable(session: CrmSession) -> Sequence[Finding]:
    """Find rules that can't be used any more, since a fact, an event or an operation is gone."""
    index = index_of(session)
    findings = [
        Finding(
            level="error" if item.enabled else "info",
            code="CK740",
            message=_('The rule "{name}" cannot be used: {reason}'),
            hint=_("Change it, or turn it off: crmkit rule disable {name}"),
            values={"name": item.name, "reason": reason},
        )
        for item, reason in broken_rules(index)
    ]
    return findings or [
        Finding(
            level="ok",
            code="CK740",
            message=_("All {number} rules can be used."),
            values={"number": len(index.items)},
        )
    ]


CHECKS = [Check(name="rules.usable", title=_("Rules can be used"), run=rules_are_usable)]
