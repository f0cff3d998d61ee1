"""The errors of intents: codes SVC351 to SVC399."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_service")


class TooFewExamples(Conflict):
    """There are too few texts with a confirmed intent for anything to be learnt from them."""

    code: ClassVar[str] = "SVC351"
    summary = _("There are too few examples to learn from.")


class BrokenModel(Conflict):
    """What was kept of a model is not what was written."""

    code: ClassVar[str] = "SVC352"
    summary = _("The model cannot be read.")
