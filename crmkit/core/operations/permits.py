"""The gate's stage for permissions: whether an actor may run an operation, and on which record.

Must not know where rights come from, nor how a scope becomes SQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.errors import Refused
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.access.rights import Decision
    from crmkit.core.operations.operation import Operation
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


class Permits:
    """Decides whether an actor may run an operation on a record."""

    def check(self, session: CrmSession, operation: Operation[Any, Any]) -> None:
        """Return when the actor may run the operation at all, before its target is known.

        Raises Refused with the reason.
        """
        if self._on_behalf(session, operation):
            return
        rights = session.gate.rights(session)
        decision = rights.decide(operation.resource, *operation.actions)
        if decision.scope == "none":
            raise refusal(session, operation, decision)

    def check_target(self, session: CrmSession, operation: Operation[Any, Any], record: Any) -> None:
        """Return when the actor may run the operation on a record that the actor can see. Raises Refused."""
        if self._on_behalf(session, operation):
            return
        rights = session.gate.rights(session)
        if rights.unrestricted or session.gate.may(session, operation.actions, record, resource=operation.resource):
            return
        raise Refused(
            _("{actor} may do this with other records, and not with this one: {operation}."),
            fix=_("crmkit access why-not says what would be needed."),
            actor=session.actor.name or session.actor.id,
            operation=operation.name,
        )

    def _on_behalf(self, session: CrmSession, operation: Operation[Any, Any]) -> bool:
        """Say whether a plugin calls the operation on its own behalf, as its manifest says and an admin approved."""
        owners = session.unit.owners
        uses = session.gate.registry.uses.get(owners[-1]) if owners else None
        return uses is not None and (operation.permission in uses or operation.name in uses)


def refusal(session: CrmSession, operation: Operation[Any, Any], decision: Decision) -> Refused:
    """Return the error for an actor who may not run an operation at all."""
    actor = session.actor
    values = {"actor": actor.name or actor.id, "operation": operation.name, "permission": operation.permission}
    if decision.because == "inactive":
        return Refused(_("{actor} is no active user and may do nothing."), **values)
    if decision.because == "limit":
        return Refused(_("This token does not reach as far as {operation}."), **values)
    if decision.grant is not None:
        return Refused(_('The role "{role}" denies {actor} this: {operation}.'), role=decision.grant.role, **values)
    return Refused(_("{actor} may not do this: {operation}."), fix=_("It needs the right {permission}."), **values)
