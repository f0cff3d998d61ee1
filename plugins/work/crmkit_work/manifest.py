"""What work says of itself before any of its code is imported."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.manifest import Command, Permission, PluginManifest

_ = texts("crmkit_work")

EVERYBODY = ["admin", "manager", "seller", "marketer", "service_agent", "analyst"]

MANIFEST = PluginManifest(
    name="work",
    title=_("Work"),
    summary=_(
        "Tasks, assignment, hand-offs, approvals, notices, and the working calendars that deadlines follow from."
    ),
    api="1.0",
    module="crmkit_work.plugin",
    migrations="crmkit_work.migrations",
    sample="crmkit_work.sample:use",
    extra="work",
    needs=["dateutil", "holidays", "icalendar"],
    permissions=[
        Permission(
            name="work.calendar.manage",
            title=_("Change working calendars"),
            description=_("Every deadline follows from them."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        # notices
        Permission(
            name="work.notice.create",
            title=_("Have people told of what happens"),
            description=_("For the framework: what happens is told by whoever makes it happen."),
        ),
        Permission(
            name="work.notice.send",
            title=_("Tell colleagues something"),
            default_roles=["admin", "manager", "seller", "service_agent"],
        ),
        Permission(name="work.notice.update", title=_("Read the own notices"), default_roles=EVERYBODY),
        Permission(name="work.notice.choose", title=_("Choose where one is told what"), default_roles=EVERYBODY),
        Permission(name="work.notice_delivery.update", title=_("Have own notices sent again"), default_roles=EVERYBODY),
        # tasks
        Permission(name="work.task.read", title=_("See tasks"), default_roles=EVERYBODY),
        Permission(
            name="work.task.create",
            title=_("Add tasks"),
            default_roles=["admin", "manager", "seller", "marketer", "service_agent"],
        ),
        Permission(
            name="work.task.update",
            title=_("Work on tasks"),
            default_roles=["admin", "manager", "seller", "marketer", "service_agent"],
        ),
        Permission(
            name="work.task.assign",
            title=_("Give tasks to others"),
            default_roles=["admin", "manager", "seller", "marketer", "service_agent"],
        ),
        Permission(
            name="work.ladder.manage",
            title=_("Change escalation ladders and leads of teams"),
            description=_("They decide who is told when a task is late."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        # assignment
        Permission(name="work.queue.read", title=_("See queues and their members"), default_roles=EVERYBODY),
        Permission(name="work.person.read", title=_("See who is there"), default_roles=EVERYBODY),
        Permission(name="work.absence.read", title=_("See who is absent when"), default_roles=EVERYBODY),
        Permission(
            name="work.queue.manage",
            title=_("Change queues and territories"),
            description=_("They decide who gets which work."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="work.queue.rebalance",
            title=_("Give the work of people who are gone to others"),
            description=_("Needs the right to assign that work as well."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="work.person.manage",
            title=_("Change what people can do and how much they take"),
            description=_("And say for others whether they are there."),
            default_roles=["admin", "manager"],
        ),
        Permission(name="work.person.presence", title=_("Say whether one is there"), default_roles=EVERYBODY),
        Permission(name="work.absence.plan", title=_("Plan own absences"), default_roles=EVERYBODY),
        Permission(
            name="work.absence.manage",
            title=_("Plan the absences of others"),
            default_roles=["admin", "manager"],
        ),
        Permission(
            name="work.assignment.create",
            title=_("Have work assigned"),
            description=_("For the framework: work is assigned by whatever brings it."),
        ),
        Permission(
            name="work.assignment.read",
            title=_("See why work went to whom"),
            description=_("Of customers who can be seen."),
            default_roles=EVERYBODY,
        ),
        Permission(
            name="work.load.note",
            title=_("Note whose work is open"),
            description=_("For the framework: people's load is counted by it."),
        ),
        # hand-offs
        Permission(
            name="work.handoff.read",
            title=_("See hand-offs"),
            default_roles=["admin", "manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(
            name="work.handoff.create",
            title=_("Hand work to other departments"),
            description=_("What is handed over has to be the own to give."),
            default_roles=["admin", "manager", "seller", "marketer", "service_agent"],
        ),
        Permission(
            name="work.handoff.update",
            title=_("Answer hand-offs"),
            default_roles=["admin", "manager", "seller", "marketer", "service_agent"],
        ),
        # comments
        Permission(
            name="work.comment.read",
            title=_("Read comments"),
            description=_("On records that can be seen."),
            default_roles=EVERYBODY,
        ),
        Permission(
            name="work.comment.create",
            title=_("Comment on records"),
            default_roles=["admin", "manager", "seller", "marketer", "service_agent", "analyst"],
        ),
        Permission(name="work.comment.update", title=_("Edit own comments"), default_roles=EVERYBODY),
        Permission(name="work.comment.watch", title=_("Follow records"), default_roles=EVERYBODY),
        # approvals
        Permission(
            name="work.approval_chain.manage",
            title=_("Change chains of approval"),
            description=_("They decide who has to agree to what."),
            risk="medium",
            default_roles=["admin", "manager"],
        ),
        Permission(name="work.approval.request", title=_("Ask for approval"), default_roles=EVERYBODY),
        Permission(name="work.approval.decide", title=_("Decide what others ask for"), default_roles=EVERYBODY),
        Permission(
            name="work.approval.read",
            title=_("See what everybody asks approval for"),
            risk="medium",
            default_roles=["admin"],
        ),
    ],
    uses=["work.notice.create", "work.assignment.create", "work.load.note"],
    commands={
        "work": Command(
            "crmkit_work.commands:work", _("Tasks, queues, hand-offs, approvals, notices and working calendars.")
        ),
    },
    license="Apache-2.0",
)
