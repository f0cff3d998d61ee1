"""The end of the demonstration: its pages are served to this machine, and somebody can sign in without a password.

The link works once and for a quarter of an hour; nothing but this machine can reach the address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.core.store.actor import Actor
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation

_ = texts("crmkit")

LOGIN = "demo"
ROLES = ("admin", "manager", "seller", "service_agent", "marketer", "analyst")
"""Who looks around wants to try what the staff do: an administrator alone may read everything and change little."""


def serve(cli: Invocation) -> None:
    """Serve the demonstration until Ctrl-C, on the first free port from 8000 on. Raises MissingExtra without
    crmkit[web]."""
    from crmkit.cli.serving import require_server, start
    from crmkit.web.serving.options import ServeOptions

    require_server()
    path = sign_in_path(cli)

    def say(url: str) -> None:
        cli.output.heading(_("The pages"))
        cli.output.say(_("Open this link, which signs you in once:"))
        cli.output.say("  {link}", link=f"{url}{path}")
        cli.output.say(_("It is for this machine alone. Ctrl-C ends it; crmkit demo brings it back."))

    start(cli, ServeOptions(first_free=True, logs="text"), ready=say, quiet=True)


def sign_in_path(cli: Invocation) -> str:
    """Return the path of a link by which the demonstration's administrator signs in once; the user is made where there
    is none."""
    from sqlalchemy import select

    from crmkit.core.access.models import User
    from crmkit.demo.helping import give_service
    from crmkit.demo.knowing import give_knowledge
    from crmkit.demo.selling import give_sales
    from crmkit.demo.travelling import give_journeys
    from crmkit.demo.working import give_work
    from crmkit.security.sessions.links import link_path

    actor = Actor.system("demonstration")
    with cli.crm.transaction(actor) as session:
        user = session.scalar(select(User).where(User.login == LOGIN))
        is_new = user is None
        if user is None:
            values = {"login": LOGIN, "name": cli.text(_("Demo administrator")), "language": cli.language}
            user = session.run("user.create", values)
            for role in ROLES:
                session.run("user.assign_role", {"role": role}, target=user)
        code = session.run("user.link", target=user)
        user_id = user.id
    if is_new:
        give_work(cli, user_id)
        give_sales(cli, user_id)
        give_service(cli, user_id)
        give_knowledge(cli, user_id)
        give_journeys(cli, user_id)
    return link_path(code.code)
