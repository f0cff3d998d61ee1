"""Why an actor may do something with a record, or may not, and what would be needed: from the same rights and the same
conditions as everything else is decided by.

Must not decide anything itself: the guard's own queries say whether it is allowed, here is said why.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

from attrs import evolve, field, frozen
from sqlalchemy import or_, select

from crmkit.core.access.models import Role, Share
from crmkit.core.access.resolving import load_rights
from crmkit.core.access.rights import SCOPES, Decision, Rights, Scope
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.guard.filtering import is_visible
from crmkit.errors import InvalidInput, NotFound, Problem, Refused
from crmkit.hooks.guards import Guards
from crmkit.i18n import texts, translate

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

Rule = Literal["system", "public", "inactive", "limit", "deny", "nothing", "open", "grant", "scope", "share", "record"]


@frozen(kw_only=True)
class Said:
    """A sentence that is translated when it is shown."""

    message: str
    values: Mapping[str, object] = field(factory=dict[str, object])

    def render(self, language: str = "en") -> str:
        """Return the sentence in a language."""
        return translate(self.message, language, **self.values)


@frozen(kw_only=True)
class Explanation:
    """Whether an actor may do something, the rule that decided it, and, where not, what would be needed.

    ``rule`` is "system", "public", "inactive", "limit" (of a token), "deny", "nothing" (no grant), "open" (everybody
    may read it), "grant" (allowed; ``scope`` says with which records), "scope" (the record lies outside), "share" or
    "record" (a plugin's rule, or a record that this one belongs to).
    """

    actor: str
    resource: str
    actions: tuple[str, ...]
    record: UUID | None
    allowed: bool
    rule: Rule
    scope: Scope
    said: Said
    role: str | None = None
    needed: tuple[Said, ...] = ()


def explain(where: Any, actor: Actor, action: str, record: Any = None) -> Explanation:
    """Say whether an actor may do something with a record, or at all, and why.

    ``where`` is a CRM, or the session of somebody who asks: about another actor asks who may administer roles.
    ``action`` is the name of an operation, or ``<resource>.<action>``; ``record`` a record or its id.

    Raises NotFound for a record that there is not, InvalidInput for an action that there is not, Refused for a question
    that is not the asker's to ask.
    """
    crm = where
    whole = True
    if hasattr(where, "actor"):
        crm = where.crm
        asker = where.actor
        whole = where.gate.rights(where).scope("role", "admin") == "all"
        if asker.id != actor.id and not whole:
            raise Refused(_("What others may do is for those to ask who may administer roles."))
    with crm.session(actor) as session:
        resource, actions, model = _meant(crm.registry, action)
        if record is None:
            return _without_record(session, resource, actions, model)
        return _with_record(session, resource, actions, _load(session, model, record, whole=whole))


def _meant(registry: Registry, action: str) -> tuple[str, tuple[str, ...], Any]:
    """Return the resource and the actions of an operation or a right, and the model of its records if there is one."""
    operation = registry.operations.get(action)
    if operation is not None:
        declared = registry.resources.get(operation.resource)
        return operation.resource, operation.actions, operation.target or (declared.model if declared else None)
    resource, _dot, verb = action.rpartition(".")
    if not resource or not verb:
        problem = Problem(
            InvalidInput.code,
            _("There is no such action."),
            field="action",
            value=action,
            hint=_("Name an operation, or a right such as customer.update."),
        )
        raise InvalidInput([problem])
    declared = registry.resources.get(resource)
    model = declared.model if declared else None
    if model is None:
        model = next((each for each in registry.models.values() if registry.resource_of(each) == resource), None)
    return resource, (verb,), model


def _load(session: CrmSession, model: Any, record: Any, *, whole: bool) -> Any:
    """Return the record that is asked about. Who may not administer roles is told of none that is hidden from him: it
    is there no more than one that is not."""
    if model is None:
        raise InvalidInput([Problem(InvalidInput.code, _("This right is not about records."), field="record")])
    identity = record if isinstance(record, UUID) else getattr(record, "id", None)
    about = region(session, "the record that an explanation is about") if whole else nullcontext()
    with about:
        found = session.get(model, identity) if identity is not None else None
    if found is None:
        raise NotFound(_("There is no such record: {id}."), id=record)
    return found


def _without_record(session: CrmSession, resource: str, actions: tuple[str, ...], model: Any) -> Explanation:
    rights = session.gate.rights(session)
    decision = rights.decide(resource, *actions)
    base = _base(session, resource, actions, None, decision)
    if actions == ("read",) and resource in session.crm.guard.open_resources() and not rights.denies(resource, "read"):
        return evolve(base, allowed=True, rule="open", scope="all", said=Said(message=_("Everybody may read this.")))
    if decision.scope == "none":
        return evolve(base, needed=_needed(session, rights, decision, resource, actions, "own"))
    return base


def _base(
    session: CrmSession, resource: str, actions: tuple[str, ...], record: UUID | None, decision: Decision
) -> Explanation:
    grant = decision.grant
    values: dict[str, object] = {
        "actor": session.actor.name or session.actor.id,
        "right": f"{resource}.{actions[0]}",
        "role": grant.role if grant else "",
        "scope": decision.scope,
        "granted": f"{grant.resource}.{grant.action}" if grant else "",
    }
    messages = {
        "system": _("System scope: no rule limits it."),
        "public": _("{actor} is nobody in particular and may do nothing."),
        "inactive": _("{actor} is no active user and may do nothing."),
        "limit": _("A role grants it, and the token does not reach as far as {right}."),
        "deny": _('The role "{role}" denies {granted}, whatever others grant.'),
        "nothing": _("No role of {actor} grants {right}."),
        "grant": _('The role "{role}" grants {granted} in the scope "{scope}".'),
    }
    return Explanation(
        actor=session.actor.id,
        resource=resource,
        actions=actions,
        record=record,
        allowed=decision.scope != "none",
        rule=decision.because,
        scope=decision.scope,
        said=Said(message=messages[decision.because], values=values),
        role=grant.role if grant else None,
    )


def _with_record(session: CrmSession, resource: str, actions: tuple[str, ...], record: Any) -> Explanation:
    base = _without_record(session, resource, actions, type(record))
    base = evolve(base, record=record.id)
    rights, guard = session.gate.rights(session), session.crm.guard
    if not base.allowed or rights.unrestricted:
        return base
    reading = actions == ("read",)
    readable = is_visible(session, record)
    if readable and (reading or guard.may(session, actions, record, resource=resource)):
        return base if base.rule == "open" else _why(session, rights, base, record)
    if not readable and not reading:
        hidden = _with_record(session, session.gate.registry.resource_of(type(record)), ("read",), record)
        if not hidden.allowed:
            return evolve(hidden, resource=resource, actions=actions)
    ruled = _record_rule(session, guard.resource_of(type(record)), actions, record)
    if ruled is not None:
        return evolve(base, allowed=False, rule="record", said=ruled)
    above = _hidden_above(session, record)
    if above is not None:
        return evolve(base, allowed=False, rule="record", said=above)
    decision = rights.decide(resource, *actions)
    needed = _needed(session, rights, decision, resource, actions, _least(rights, record))
    said = Said(
        message=_('The role "{role}" grants it in the scope "{scope}", and the record lies outside.'),
        values={"role": base.role or "", "scope": base.scope},
    )
    return evolve(base, allowed=False, rule="scope", said=said, needed=needed)


def _why(session: CrmSession, rights: Rights, base: Explanation, record: Any) -> Explanation:
    """Return the explanation of what is allowed with the reason for which the record lies in the scope."""
    values = dict(base.said.values)
    least = _least(rights, record)
    if base.scope == "all" or _model(record).__access__.kind != "owned":
        return base
    if SCOPES.index(least) > SCOPES.index(base.scope):
        share = _share(session, rights, base.resource, record)
        until = share.expires_at if share is not None and share.expires_at is not None else ""
        message = (
            _("The record is shared with {actor} until {until}.") if until else _("The record is shared with {actor}.")
        )
        return evolve(base, rule="share", said=Said(message=message, values={**values, "until": until}))
    messages = {
        "own": _('The role "{role}" grants {granted} in the scope "{scope}", and the record is {actor}\'s own.'),
        "team": _('The role "{role}" grants {granted} in the scope "{scope}", and the record is the own team\'s.'),
        "tree": _('The role "{role}" grants {granted} in the scope "{scope}", and the record is of a team below.'),
    }
    return evolve(base, said=Said(message=messages[least], values=values))


def _model(record: Any) -> Any:
    return cast(Any, type)(record)


def _least(rights: Rights, record: Any) -> Scope:
    """Return the narrowest scope that a record lies in."""
    policy = _model(record).__access__
    if policy.kind != "owned":
        return "all"
    owner, team = getattr(record, policy.owner), getattr(record, policy.team)
    if owner is not None and owner == rights.user_id:
        return "own"
    return "team" if team in rights.team_ids else "tree" if team in rights.tree_ids else "all"


def _share(session: CrmSession, rights: Rights, resource: str, record: Any) -> Share | None:
    mine = or_(Share.user_id == rights.user_id, Share.team_id.in_(rights.team_ids))
    query = select(Share).where(Share.record_id == record.id, Share.resource == resource, mine).limit(1)
    with region(session, "why a record is seen"):
        return session.scalar(query)


def _record_rule(session: CrmSession, resource: str, actions: tuple[str, ...], record: Any) -> Said | None:
    """Return what a plugin's rule that denies the record says, or None when none does."""
    model = _model(record)
    guards = Guards(declared=session.gate.registry.guarded)
    for action in dict.fromkeys((*actions, "read")):
        for answer in guards.access_rules(
            session.gate.dispatcher, actor=session.actor, action=action, resource=resource
        ):
            if answer.error is not None:
                message = _("The rule of the plugin {plugin} failed, and so denies everything it guards.")
                return Said(message=message, values={"plugin": answer.plugin})
            for rule in answer.value or ():
                if rule.effect == "deny" and _meets(session, model, record, rule.where):
                    message = _("A rule of the plugin {plugin} denies it: {reason}")
                    return Said(message=message, values={"plugin": answer.plugin, "reason": rule.reason})
    return None


def _meets(session: CrmSession, model: Any, record: Any, where: Any) -> bool:
    if where is None:
        return True
    values = session.guarding.values
    with region(session, "whether a rule speaks of a record"):
        return session.execute(select(model.id).where(model.id == record.id, where), values).first() is not None


def _hidden_above(session: CrmSession, record: Any) -> Said | None:
    """Return what to say of a record that this one belongs to and that the actor cannot see, or None."""
    from crmkit.core.store.guard.conditions import target_of

    model = _model(record)
    for reference in model.__access__.references:
        identity = getattr(record, reference.column)
        if identity is None:
            continue
        target, _key = target_of(model, reference)
        with region(session, "what a record belongs to"):
            above = session.get(target, identity)
        if above is not None and not is_visible(session, above):
            resource = session.gate.registry.resource_of(target)
            message = _("It belongs to {resource} {id}, which {actor} may not see.")
            name = session.actor.name or session.actor.id
            return Said(message=message, values={"resource": resource, "id": identity, "actor": name})
    return None


def _needed(
    session: CrmSession,
    rights: Rights,
    decision: Decision,
    resource: str,
    actions: tuple[str, ...],
    least: Scope,
) -> tuple[Said, ...]:
    """Return what would allow it, each by itself sufficient."""
    values: dict[str, object] = {
        "actor": session.actor.name or session.actor.id,
        "right": f"{resource}.{actions[0]}",
        "scope": least,
    }
    if decision.because == "inactive":
        return (Said(message=_("Make {actor} an active user."), values=values),)
    if decision.because == "limit":
        return (Said(message=_("A token whose scopes hold {right}."), values=values),)
    if decision.because == "deny" and decision.grant is not None:
        grant = decision.grant
        denied = {"role": grant.role, "resource": grant.resource, "action": grant.action}
        return (Said(message=_("crmkit role revoke {role} {resource} {action}"), values=denied),)
    found: list[Said] = []
    helping = _roles_that_grant(session, rights, resource, actions, least)
    if helping:
        message = _("One of these roles for {actor}: {roles}.")
        found.append(Said(message=message, values={**values, "roles": ", ".join(helping)}))
    if rights.roles:
        own = _('{right} in the scope "{scope}" or a wider one for one of the roles that {actor} has: {roles}.')
        found.append(Said(message=own, values={**values, "roles": ", ".join(rights.roles)}))
    if decision.because == "grant" and least == "all":
        found.append(Said(message=_("The record assigned to {actor} or a team of {actor}'s."), values=values))
        found.append(Said(message=_("The record shared with {actor}."), values=values))
    return tuple(found)


def _roles_that_grant(
    session: CrmSession, rights: Rights, resource: str, actions: tuple[str, ...], least: Scope
) -> list[str]:
    """Return the active roles that would allow it with a record which lies in a scope."""
    with region(session, "which roles would help"):
        names = session.scalars(select(Role.name).where(Role.active.is_(True)).order_by(Role.name)).all()
        helping: list[str] = []
        for name in names:
            if name in rights.roles:
                continue
            theirs = load_rights(session, Actor.host("role", roles=(name,)))
            if SCOPES.index(theirs.scope(resource, *actions)) >= SCOPES.index(least) and least != "none":
                helping.append(name)
        return helping
