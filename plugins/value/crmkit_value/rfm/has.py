"""What RFM has, for the hook module."""

from __future__ import annotations

from crmkit import ByValue, Dimension, Job, PersonalData, texts
from crmkit_value.rfm import computing, facts, models

_ = texts("crmkit_value")

MODELS = models.MODELS
OPERATIONS = computing.OPERATIONS
FACTS = facts.FACTS
JOBS = [
    Job(
        name="value.rfm_nightly",
        title=_("Compute RFM scores of the night"),
        handler=computing.compute_job,
        cron="50 2 * * *",
        catch_up="latest",
        acts_as="system",
        lease=1800,
    ),
    Job(
        name=computing.COMPUTE,
        title=_("Compute RFM scores"),
        handler=computing.compute_job,
        acts_as="system",
        lease=1800,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=models.RfmScore.__tablename__,
        purpose=_("Knowing what a customer is worth"),
        on_merge="keep_winner",
        derived=True,
    )
]
DIMENSIONS = [
    Dimension(
        name="value_rfm",
        title=_("RFM segment"),
        decider=ByValue(value="value.rfm_segment"),
        among="purchase.count > 0",
        doc=_("By how lately, how often and for how much customers bought, as the policy of value names it."),
    )
]
