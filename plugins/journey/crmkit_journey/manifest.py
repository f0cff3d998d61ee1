"""What journey says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_journey")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]
WORKING = ["admin", "manager", "seller", "marketer", "service_agent"]
LOOKING = ["admin", "manager", "marketer", "analyst"]
DESIGNING = ["admin", "manager", "marketer"]

MANIFEST = PluginManifest(
    name="journey",
    title=_("Journeys"),
    summary=_("What customers are to live through, drawn and carried out; what they really do, and what led to it."),
    api="1.0",
    module="crmkit_journey.plugin",
    migrations="crmkit_journey.migrations",
    settings="crmkit_journey.settings:JourneySettings",
    after=["messaging", "work", "sales", "service"],
    extra="journey",
    permissions=[
        Permission(name="journey.map.read", title=_("See journey maps"), default_roles=EVERYBODY),
        Permission(name="journey.map.manage", title=_("Draw journey maps"), default_roles=DESIGNING),
        Permission(name="journey.flow.read", title=_("See flows"), default_roles=EVERYBODY),
        Permission(name="journey.flow.manage", title=_("Draw flows"), default_roles=DESIGNING),
        Permission(
            name="journey.flow.publish",
            title=_("Publish and stop flows"),
            description=_("A flow acts as whoever published it."),
            risk="high",
            default_roles=["admin", "manager"],
        ),
        Permission(name="journey.alarm.read", title=_("See alarms of flows"), default_roles=EVERYBODY),
        Permission(name="journey.watch.read", title=_("See how flows are watched"), default_roles=LOOKING),
        Permission(name="journey.discovery.read", title=_("See what customers really do"), default_roles=LOOKING),
        Permission(name="journey.attribution.read", title=_("See what led to what"), default_roles=LOOKING),
        Permission(name="journey.passage.read", title=_("See customers on their way"), default_roles=EVERYBODY),
        Permission(
            name="journey.passage.run",
            title=_("Let customers in, and have flows go on"),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="journey.passage.update",
            title=_("Steer customers on their way"),
            description=_("Stop them, end it, send them back."),
            default_roles=DESIGNING,
        ),
    ],
    uses=["work.notice.create", "work.task.create"],
    commands={
        "journey": Command(
            "crmkit_journey.commands:journey",
            _("Journeys: maps, flows, passages, what customers do, and what led to it."),
        )
    },
    license="Apache-2.0",
)
