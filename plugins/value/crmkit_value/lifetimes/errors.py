"""The errors of lifetime values: codes VAL101 to VAL199."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_value")


class NoModelCounts(Conflict):
    """Lifetime values were asked for, but no model of buying is adopted."""

    code: ClassVar[str] = "VAL101"
    summary = _("No model of buying is adopted.")


class DoesNotFit(Conflict):
    """No parameters were found that make the data likeliest: they say too little of the model."""

    code: ClassVar[str] = "VAL102"
    summary = _("The model does not fit the data.")
