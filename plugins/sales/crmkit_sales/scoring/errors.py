"""What can be wrong with score models."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_sales")


class VersionRefused(Conflict):
    """A version was to be changed or published in a way that versions never are."""

    code: ClassVar[str] = "SAL211"
    summary = _("This cannot be done with the versions of the score model as they are.")
