"""The errors of merging customers and of undoing it. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.operations import Conflict
from crmkit.i18n import texts

_ = texts("crmkit")


class MergeError(Conflict):
    """Two customers cannot be merged, or a merge cannot be undone, as things stand."""

    code = "CK660"
    summary = _("These customers cannot be merged.")


class AlreadyMerged(MergeError):
    """The customer was absorbed by another one: it is that one which exists now."""

    code = "CK661"
    summary = _("This customer was merged into another one in the meantime.")


class MergeUndone(MergeError):
    """The merge was undone before."""

    code = "CK662"
    summary = _("This merge was undone already.")


class UnmergeOrder(MergeError):
    """Later merges of the same customer have to be undone first; the message names the next one."""

    code = "CK663"
    summary = _("A later merge has to be undone first.")


class UnmergeConflict(MergeError):
    """What a merge has moved or changed was changed since; the plan lists it, and whoever undoes the merge says whether
    it is kept or restored."""

    code = "CK664"
    summary = _("Some of what the merge had brought together was changed since.")


class UnmergeErased(MergeError):
    """One of the two was erased since, or the journal of the merge has been removed: nothing is left to go back to."""

    code = "CK665"
    summary = _("This merge cannot be undone any more.")
