"""The words of flows, with their titles."""

from __future__ import annotations

from typing import Annotated

from crmkit import Input, texts

_ = texts("crmkit_journey")

STATES = {"draft": _("Draft"), "live": _("Live"), "paused": _("Paused"), "retired": _("Retired")}
FlowName = Annotated[str, Input(title=_("Flow"), max_length=60, classified="public")]
LEVELS = {"error": _("Error"), "warning": _("Warning")}
