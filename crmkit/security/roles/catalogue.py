"""What the administration of roles registers with the kernel."""

from __future__ import annotations

from crmkit.security.roles.assigning import OPERATIONS as ASSIGNING
from crmkit.security.roles.events import EVENTS as EVENTS
from crmkit.security.roles.operations import OPERATIONS as ROLES
from crmkit.security.roles.sharing import OPERATIONS as SHARING

OPERATIONS = [*ROLES, *ASSIGNING, *SHARING]
