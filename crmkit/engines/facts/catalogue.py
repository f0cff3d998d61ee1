"""What the facts room registers with the kernel."""

from __future__ import annotations

from crmkit.engines.facts import lines, profile, stream
from crmkit.engines.facts.custom import custom_facts
from crmkit.engines.facts.materialising import (
    JOBS as JOBS,
    OPERATIONS as OPERATIONS,
    SUBSCRIPTIONS as SUBSCRIPTIONS,
)
from crmkit.hooks.contributions import PersonalData
from crmkit.hooks.facts import FactSet
from crmkit.i18n import texts

_ = texts("crmkit")

FACTS: tuple[FactSet, ...] = (*profile.SETS, *stream.SETS, *lines.SETS)
FACT_SOURCES = (custom_facts,)

# A merge brings everything together anew: what was computed of either goes.
PERSONAL_DATA = (
    PersonalData(
        table="crm_fact_value",
        derived=True,
        columns=("whole", "number", "text", "day", "instant"),
        purpose=_("Facts computed beforehand"),
        on_merge="keep_winner",
    ),
    PersonalData(table="crm_fact_touch", derived=True, purpose=_("Facts to be computed anew")),
)
