"""What the rooms of the administration share: asking once more who it is, and running several operations as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.i18n import Text, texts
from crmkit.security.roles.shipped import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")

SCOPES: Mapping[str, Text] = {
    "none": _("never"),
    "own": _("own"),
    "team": _("team"),
    "tree": _("teams below"),
    "all": _("all"),
}
"""The scopes of grants in words: with which records something may be done."""
LEVELS: Mapping[str, Text] = {"none": _("hidden"), "masked": _("masked"), "full": _("in full")}
CLASSES: Mapping[str, Text] = {"personal": _("Personal"), "text": _("Texts"), "sensitive": _("Sensitive")}
RISKS: Mapping[str, tuple[Text, str]] = {
    "low": (_("low risk"), "good"),
    "medium": (_("medium risk"), "warn"),
    "high": (_("high risk"), "bad"),
}
"""What careless use of a permission can do, with the tone in which it is shown."""


_SHIPPED = {role.name: role.title for role in SHIPPED}
ROLE_TITLES: Mapping[str, str] = _SHIPPED
"""What the shipped roles are called, by their names."""


def role_title(call: PageCall, name: str, title: str) -> str:
    """Return what a role is called in the caller's language: a shipped one by its own words, unless somebody has given
    it another title."""
    shipped = _SHIPPED.get(name)
    return call.text(shipped) if shipped is not None and str(shipped) == title else call.text(title)


def step_up(call: PageCall) -> None:
    """Raise StepUpNeeded where the last proof of who somebody is was too long ago. A host's own users are asked by
    their host."""
    if call.signed is not None:
        from crmkit.security.sessions.stepping import demand_step_up

        demand_step_up(call.crm, call.signed)


def guard(call: PageCall, *operations: str) -> None:
    """Raise StepUpNeeded where one of several operations asks for a fresh proof: for those that are run together in a
    transaction."""
    if call.signed is not None:
        from crmkit.security.sessions.stepping import check_step_up

        for name in operations:
            check_step_up(call.crm, call.signed, name)
