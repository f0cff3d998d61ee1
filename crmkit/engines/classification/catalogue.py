"""What the room of classification registers with the kernel."""

from __future__ import annotations

from crmkit.engines.classification.checks import CHECKS as CHECKS
from crmkit.engines.classification.dimensions import KIND, check_published
from crmkit.engines.classification.events import EVENTS as EVENTS
from crmkit.engines.classification.facts import INTERESTS, labels_of_dimensions, places
from crmkit.engines.classification.operations import JOBS as JOBS, OPERATIONS as OPERATIONS
from crmkit.engines.classification.shipped import DIMENSIONS as DIMENSIONS
from crmkit.engines.definitions.kinds import DefinitionKind
from crmkit.hooks.classification import Dimension, refined
from crmkit.hooks.contributions import PersonalData
from crmkit.i18n import texts

_ = texts("crmkit")

PERSONAL_DATA = (
    PersonalData(
        table="crm_label",
        derived=True,
        columns=("label", "evidence"),
        purpose=_("Classification"),
        on_merge="combine",
    ),
    PersonalData(
        table="crm_label_pin",
        columns=("label", "reason"),
        purpose=_("Classification by persons"),
        on_merge="keep_winner",
    ),
)
FACTS = (INTERESTS,)
FACT_SOURCES = (labels_of_dimensions, places)
DEFINITIONS = (
    DefinitionKind(
        name=KIND,
        title=_("Dimension"),
        type=Dimension,
        permission="definition.admin",
        sort="dimension",
        check=check_published,
        rank=20,
        shipped_as=refined,
    ),
)
