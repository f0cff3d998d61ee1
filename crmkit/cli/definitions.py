"""What commands print of definitions: where they come from, and that one was saved. Must not know any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmkit.cli.invocation import Invocation
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.definitions.publishing import Defined

_ = texts("crmkit")

ORIGINS = {"shipped": _("as shipped"), "changed": _("changed here"), "own": _("made here")}
"""What people read for the origin of a definition."""


def show_saved(cli: Invocation, saved: Defined | None, name: str) -> None:
    """Print which version of a definition is in effect now, or that it is gone; with ``--json`` all of it."""
    if cli.json:
        cli.output.document({"result": saved})
    elif saved is None:
        cli.output.say(_("{name} is gone."), name=name)
    else:
        cli.output.say(_("{name}: version {number}."), name=saved.name, number=saved.number)


def first_of(cli: Invocation, parts: list[str], most: int = 6) -> str:
    """Return texts with commas between: at most so many, and how many more there are."""
    text = ", ".join(parts[:most])
    rest = len(parts) - most
    return f"{text} {cli.text(_('… and {number} more'), number=rest)}" if rest > 0 else text


def origin_of(cli: Invocation, item: Any) -> str:
    """Return where a definition comes from, in words."""
    return cli.text(ORIGINS[item.origin])
