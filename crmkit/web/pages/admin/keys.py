"""The keys that sealed values hang on: which are in use, whether they were backed up, and changing to new ones.

Keys themselves are never shown, nor taken out by the network: backing up and restoring are for the command line.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from crmkit.errors import CrmkitError, Problem
from crmkit.i18n import Text, texts
from crmkit.web.pages.admin.common import step_up
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

RIGHT = "key.admin"
STATES: Mapping[str, tuple[Text, str]] = {
    "active": (_("In use"), "good"),
    "coming": (_("Prepared"), "info"),
    "decrypt": (_("Only for what is left"), "warn"),
    "retired": (_("Given up"), ""),
}


@get("/admin/keys", right=RIGHT)
def keys(call: PageCall) -> Response:
    """Show which keys are in use."""
    return _keys(call)


@post("/admin/keys/rotate", right=RIGHT)
def rotate(call: PageCall) -> Response:
    """Change to a new root key, or finish a change that was interrupted."""
    from crmkit.security.keys.rotating import rotate_root

    step_up(call)
    try:
        found = rotate_root(call.crm, call.actor)
    except CrmkitError as error:
        return _keys(call, error, 422)
    said = _("Root key {root} is in use; {count} keys were wrapped under it. Back it up now.")
    return call.redirect("/admin/keys", said=said, root=found.root, count=found.rewrapped)


@post("/admin/keys/retire", right=RIGHT)
def retire(call: PageCall) -> Response:
    """Give up a root key that nothing is wrapped under any more."""
    number = call.value("number")
    try:
        call.run("key.retire", {"number": int(number) if number.isdigit() else number})
    except CrmkitError as error:
        from crmkit.errors import StepUpNeeded

        if isinstance(error, StepUpNeeded):
            raise
        return _keys(call, error, 422)
    return call.redirect("/admin/keys", said=_("Root key {number} is given up."), number=number)


def _keys(call: PageCall, error: CrmkitError | None = None, status: int = 200) -> Response:
    from crmkit.security.keys.operations import list_root_keys
    from crmkit.security.keys.rotating import status_of

    problems: list[Problem] = list(error.problems) if error is not None else []
    with call.session() as session:
        found = list_root_keys(session)
        state = status_of(session)
    return call.page(
        "admin/keys.html",
        status=status,
        keys=found,
        state=state,
        states=STATES,
        problems=problems,
        wrapped=sum(each.data_keys + each.purpose_keys for each in found if each.state == "active"),
    )


ROUTES = [keys, rotate, retire]
