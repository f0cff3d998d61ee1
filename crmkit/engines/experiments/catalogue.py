"""What the room of experiments registers with the kernel."""

from __future__ import annotations

from crmkit.engines.experiments.defining import DEFINITION
from crmkit.engines.experiments.events import EVENTS as EVENTS
from crmkit.engines.experiments.operations import OPERATIONS as OPERATIONS
from crmkit.hooks.contributions import PersonalData
from crmkit.i18n import texts

_ = texts("crmkit")

DEFINITIONS = [DEFINITION]
PERSONAL_DATA = (
    PersonalData(
        table="crm_experiment_exposure",
        columns=("arm",),
        purpose=_("Experiments"),
        on_merge="keep_winner",
    ),
)
