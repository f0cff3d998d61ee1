"""What ``crmkit doctor`` looks at in classification: labels of which unusually many moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmkit.engines.classification.reading import last_runs
from crmkit.hooks.contributions import Check, Finding
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


def find_unstable(session: CrmSession) -> Sequence[Finding]:
    """Return a finding for each label of which more moved in its last run than its dimension says is usual."""
    return [
        Finding(
            level="warning",
            code="classification-unstable",
            message=_("{percent} % of the label {label} of {dimension} moved in the last run, by the same definition."),
            hint=_("Look whether the data is right: crmkit classify matrix {dimension} --from DAY."),
            values={"dimension": name, "label": alert.label, "percent": alert.percent},
        )
        for name, (_as_of, decided) in sorted(last_runs(session).items())
        for alert in decided.alerts
    ]


CHECKS = (Check(name="classification", title=_("Stability of labels"), run=find_unstable),)
