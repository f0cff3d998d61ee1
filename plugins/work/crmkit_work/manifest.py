"""What work says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Permission, PluginManifest

_ = texts("crmkit_work")

MANIFEST = PluginManifest(
    name="work",
    title=_("Work"),
    summary=_("Working calendars: when is worked, and which deadlines follow from it."),
    api="1.0",
    module="crmkit_work.plugin",
    migrations="crmkit_work.migrations",
    extra="work",
    needs=["dateutil", "holidays", "icalendar"],
    permissions=[
        Permission(
            name="work.calendar.manage",
            title=_("Change working calendars"),
            description=_("Every deadline follows from them."),
            risk="medium",
            default_roles=["admin", "manager"],
        )
    ],
    commands={"work": "crmkit_work.commands:work"},
    license="Apache-2.0",
)
