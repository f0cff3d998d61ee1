"""The errors of model runs: codes ANA101 to ANA199."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, NotFound, texts

_ = texts("crmkit_analytics")


class UnknownModel(NotFound):
    """No enabled plugin can fit a model of this name."""

    code: ClassVar[str] = "ANA101"
    summary = _("There is no such model.")


class NoBetter(Conflict):
    """A model is not better than its base line on data that it had not seen, so it cannot be adopted."""

    code: ClassVar[str] = "ANA102"
    summary = _("The model is no better than its base line.")


class NotAdoptable(Conflict):
    """A run is not in a state in which it could be adopted, retired or ended."""

    code: ClassVar[str] = "ANA103"
    summary = _("The run is not in a state for this.")


class TooLittleData(Conflict):
    """There is too little data to fit a model on."""

    code: ClassVar[str] = "ANA104"
    summary = _("There is too little data for this model.")
