"""What public links and the kernel's own public pages register with the kernel."""

from __future__ import annotations

from crmkit.hooks.contributions import Job, PersonalData, Resource
from crmkit.i18n import texts
from crmkit.security.public.feeds import OPERATIONS as FEEDS
from crmkit.security.public.links import OPERATIONS as LINKS, sweep
from crmkit.security.public.preferences import PREFERENCES
from crmkit.security.public.tables import PublicLink

_ = texts("crmkit")

OPERATIONS = [*LINKS, *FEEDS]
RESOURCES = [
    Resource(
        name="public_link",
        model=PublicLink,
        title=_("Public link"),
        plural=_("Public links"),
        columns=("page", "expires_at", "used_at", "revoked_at"),
    )
]
JOBS = [
    Job(
        name="public_link.sweep",
        handler=sweep,
        cron="40 3 * * *",
        catch_up="latest",
        title=_("Remove public links that are over"),
        acts_as="system",
    )
]
PERSONAL_DATA = [PersonalData(table="crm_public_link", purpose=_("Pages that a customer opens by a link"))]
PUBLIC_PAGES = [PREFERENCES]
