"""The errors of churn: codes CHU101 to CHU599."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, InvalidInput, texts

_ = texts("crmkit_churn")


class CannotLearn(Conflict):
    """There is too little history, or it says nothing, so that no model can be learnt from it."""

    code: ClassVar[str] = "CHU101"
    summary = _("Nothing can be learnt from this.")


class LeakingFeature(InvalidInput):
    """A feature would tell a model what was not known yet at the day as of which it learns."""

    code: ClassVar[str] = "CHU102"
    summary = _("A feature knows what is to be predicted.")


class NoModel(Conflict):
    """Customers were to be scored, but no model is adopted."""

    code: ClassVar[str] = "CHU201"
    summary = _("No model is adopted.")


class WrongStep(Conflict):
    """A warning cannot go from its state into the one that is asked for."""

    code: ClassVar[str] = "CHU301"
    summary = _("The warning cannot go there.")


class TooCostly(Conflict):
    """What is offered to a customer costs more than the playbook allows."""

    code: ClassVar[str] = "CHU401"
    summary = _("The offer costs too much.")
