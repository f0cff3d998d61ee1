"""What a user changes of the own account, without administering anybody."""

from __future__ import annotations

from typing import Annotated

import attrs

from crmkit.core.access.models import User
from crmkit.core.operations.inputs import UNSET, Input, UnsetType, given
from crmkit.core.operations.operation import operation
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import Refused
from crmkit.i18n import texts
from crmkit.security.people.operations import Name, check_values

_ = texts("crmkit")


@attrs.frozen(kw_only=True)
class AccountUpdate:
    """What to change of one's own account; what is not given stays."""

    name: Name | UnsetType = UNSET
    language: Annotated[str | UnsetType | None, Input(title=_("Language"), classified="internal")] = UNSET
    zone: Annotated[str | UnsetType | None, Input(title=_("Time zone"), classified="internal")] = UNSET


@operation("account.update", title=_("Change one's own account"))
def update_account(session: CrmSession, changes: AccountUpdate) -> None:
    """Change the actor's own name, language or time zone. Raises Refused for an actor that is no user, InvalidInput for
    a language or a time zone that there is not."""
    if session.actor.user_id is None:
        raise Refused(_("Only a user has an account."))
    values = given(changes)
    check_values(values)
    with region(session, "changing one's own account"):
        user = session.get(User, session.actor.user_id)
        assert user is not None
        for name, value in values.items():
            setattr(user, name, value)
        session.flush()


OPERATIONS = [update_account]
