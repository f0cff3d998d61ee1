"""What the administration of users and teams registers with the kernel."""

from __future__ import annotations

from crmkit.security.people.account import OPERATIONS as OWN
from crmkit.security.people.events import EVENTS as EVENTS
from crmkit.security.people.operations import OPERATIONS as PEOPLE

OPERATIONS = [*PEOPLE, *OWN]
