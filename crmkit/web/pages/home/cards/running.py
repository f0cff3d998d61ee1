"""For who runs the installation: the first steps while it is empty, and after that its health."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from crmkit.core.access.models import User
from crmkit.core.customers.models import Customer
from crmkit.hooks.contributions import CardLine, DashboardCard
from crmkit.i18n import texts
from crmkit.web.pages.home.cards.kinds import OwnCard

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST = 8


def first_steps(session: CrmSession) -> Sequence[CardLine]:
    """Return what is to be done before work can begin; nothing once customers and colleagues are there."""
    config = session.crm.config.get(session)
    customers = session.scalar(select(Customer.id).limit(1)) is not None
    people = (session.scalar(select(func.count()).select_from(select(User.id).limit(2).subquery())) or 0) > 1
    steps = (
        (
            bool(config.name and config.base_currency),
            _("Set up the business: name, currency, time zone"),
            "/admin/settings",
        ),
        (customers, _("Bring your customers in from a file"), "/imports/new"),
        (people, _("Invite the people who work with them"), "/admin/users/new"),
    )
    if all(done for done, _title, _path in steps):
        return ()
    return [
        CardLine(
            title=title,
            hint=_("done") if done else "",
            path=path,
            icon="circle-check" if done else "circle-dot",
            tone="good" if done else "accent",
        )
        for done, title, path in steps
    ]


def health(session: CrmSession) -> Sequence[CardLine]:
    """Return what the doctor finds amiss: dead jobs, broken plugins, missing checkpoints and backups."""
    from crmkit.doctor import examine

    found = [each for each in examine(session.crm) if each.level in ("error", "warning")]
    found.sort(key=lambda each: each.level != "error")
    return [
        CardLine(
            title=each.message,
            values=dict(each.values),
            path="/admin/health",
            icon="circle-x" if each.level == "error" else "alert-triangle",
            tone="bad" if each.level == "error" else "warn",
        )
        for each in found[:MOST]
    ]


FIRST = (
    OwnCard(
        rights=("config.admin", "user.admin"),
        card=DashboardCard(name="crmkit.first_steps", title=_("First steps"), rows=first_steps, icon="flag"),
    ),
)
CARDS = (
    OwnCard(
        rights=("config.admin",),
        slow=True,
        card=DashboardCard(
            name="crmkit.health",
            title=_("Health of the installation"),
            rows=health,
            icon="stethoscope",
            path="/admin/health",
            empty=_("All is well: jobs run, the audit log is sealed, backups are made."),
        ),
    ),
)
