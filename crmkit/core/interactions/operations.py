"""What can be done with interactions: record, reverse, and resolve what had no customer yet."""

from __future__ import annotations

from crmkit.core.interactions.bulk import record_many
from crmkit.core.interactions.inputs import NewInteraction
from crmkit.core.interactions.models import Interaction
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError
from crmkit.i18n import texts

_ = texts("crmkit")


@operation("interaction.record", title=_("Record an interaction"), effect="create", bulk=record_many)
def record(session: CrmSession, interaction: NewInteraction) -> Interaction:
    """Record something that happened. What its source has named before is returned as it was recorded then.

    In bulk the answer to each is a `Recorded`. Raises InvalidInput with every problem, and what plugins refuse with.
    """
    (answer,) = record_many(session, [interaction])
    if isinstance(answer, CrmkitError):
        raise answer
    return session.get_one(Interaction, answer.id)


OPERATIONS: list[object] = [record]
