"""The words of improvement actions. Must not know the database."""

from __future__ import annotations

from crmkit import texts

_ = texts("crmkit_experience")

STATES = {"planned": _("Planned"), "running": _("Running"), "ended": _("Ended")}
VERDICTS = {"better": _("Better"), "worse": _("Worse"), "unclear": _("Unclear")}
BETTER = {"up": _("More is better"), "down": _("Less is better")}
MODES = {"added": _("What was added in the days"), "level": _("As it stood at their end")}
METHODS = {
    "before_after": _("Before and after"),
    "differences": _("Difference in differences"),
    "experiment": _("Experiment"),
}
CAUTIONS = {
    "before_after": _(
        "The same length of time before and after. Whatever else changed then is in it too: this does not show that "
        "the action was the cause."
    ),
    "differences": _(
        "The change of those it was for, less that of the others. It shows the cause only if both would have changed "
        "alike without it."
    ),
    "experiment": _("Customers were dealt out by chance. This is what the experiment shows."),
}
"""What each method shows, and what it does not."""
