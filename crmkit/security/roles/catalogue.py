"""What the administration of roles registers with the kernel."""

from __future__ import annotations

from crmkit.core.access.models import Role, Team, User
from crmkit.hooks.contributions import Resource
from crmkit.i18n import texts
from crmkit.security.roles.assigning import OPERATIONS as ASSIGNING
from crmkit.security.roles.events import EVENTS as EVENTS
from crmkit.security.roles.operations import OPERATIONS as ROLES
from crmkit.security.roles.sharing import OPERATIONS as SHARING

OPERATIONS = [*ROLES, *ASSIGNING, *SHARING]

_ = texts("crmkit")

RESOURCES = (
    Resource(
        name="user",
        model=User,
        title=_("User"),
        plural=_("Users"),
        columns=("login", "name", "email", "active", "created_at"),
        search=("login", "name"),
        sort="login",
        description=_("Who works with the CRM."),
    ),
    Resource(
        name="team",
        model=Team,
        title=_("Team"),
        plural=_("Teams"),
        columns=("name", "parent_id", "active"),
        search=("name",),
        sort="name",
    ),
    Resource(
        name="role",
        model=Role,
        title=_("Role"),
        plural=_("Roles"),
        columns=("name", "title", "shipped", "active"),
        search=("name", "title"),
        sort="name",
    ),
)
