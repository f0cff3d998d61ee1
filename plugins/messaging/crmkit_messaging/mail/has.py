"""What this room has, for `crmkit_messaging.plugin`."""

from __future__ import annotations

from crmkit import Job, Resource, texts
from crmkit_messaging.mail import domains, operations
from crmkit_messaging.mail.carrier import deliver_message as deliver_message
from crmkit_messaging.mail.checks import CHECKS as CHECKS
from crmkit_messaging.mail.models import Mailbox

_ = texts("crmkit_messaging")

MODELS = [Mailbox]
RESOURCES = [
    Resource(
        name="messaging.mailbox",
        model=Mailbox,
        title=_("Mailbox"),
        plural=_("Mailboxes"),
        columns=["name", "title", "address", "smtp_host", "imap_host", "active", "usual", "checked_at"],
        search=["name", "title", "address"],
        sort="name",
        icon="mail",
        description=_("The addresses that mail leaves from and comes in to."),
    )
]
OPERATIONS = operations.OPERATIONS
JOBS = [
    Job(
        name="messaging.check_mailbox",
        title=_("Check the domain of a mailbox"),
        handler=domains.check_mailbox,
        acts_as="system",
        apart=True,
        lease=120,
        attempts=3,
    ),
    Job(
        name="messaging.check_mailboxes",
        title=_("Check the domains of all mailboxes"),
        handler=domains.check_all,
        cron="40 4 * * *",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=600,
        attempts=3,
    ),
]
