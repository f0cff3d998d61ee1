"""Merging two records of a customer by the rules."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from crmkit import CrmSession, FieldChoice, Input, InvalidInput, Merged, Problem, operation, texts
from crmkit_quality.survivorship.proposing import propose

_ = texts("crmkit_quality")


@operation(
    "quality.customer.merge", title=_("Merge two records by the rules"), effect="update", permission="customer.merge"
)
def merge_by_rules(
    session: CrmSession,
    *,
    first: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    second: Annotated[UUID, Input(title=_("Other record of the customer"), resource="customer", classified="internal")],
    survivor: Annotated[
        UUID | None,
        Input(title=_("Survivor"), help=_("Empty: by the rule."), resource="customer", classified="internal"),
    ] = None,
    choices: Annotated[tuple[FieldChoice, ...], Input(title=_("Decided by a person"), max_length=200)] = (),
    reason: Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")] = "",
) -> Merged:
    """Merge two records of one customer: which survives, and whose value each field has, the rules say, and ``choices``
    before them. It is undone like any merge.

    Raises InvalidInput naming the fields that a rule leaves to a person and nobody decided about, NotFound, and what
    ``customer.merge`` raises.
    """
    if survivor is not None and survivor not in (first, second):
        raise InvalidInput([Problem(InvalidInput.code, _("The survivor is one of the two."), field="survivor")])
    proposal = propose(session, first, second, survivor_id=survivor)
    said = {choice.field: choice for choice in choices}
    left = [one for one in proposal.open if one.field not in said]
    if left:
        raise InvalidInput(
            [
                Problem(
                    InvalidInput.code,
                    _("A person decides about this field: {title}."),
                    field=f"choices.{one.field}",
                    title=one.title,
                )
                for one in left
            ]
        )
    made = {choice.field: choice for choice in proposal.choices}
    values = {"absorb": proposal.absorbed_id, "choices": [*{**made, **said}.values()], "reason": reason}
    result: Merged = session.run("customer.merge", values, target=proposal.survivor_id)
    return result


OPERATIONS: list[Any] = [merge_by_rules]
