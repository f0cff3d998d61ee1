"""The job that keeps flows going: lets in who waits, has everybody who is due go on, and stops a flow whose publisher
may not act any more."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Annotated

from sqlalchemy import select

from crmkit import CRM, Actor, CrmkitError, CrmSession, Input, Job, Refused, operation, texts
from crmkit_journey.flows.events import FlowStopped
from crmkit_journey.flows.models import Flow
from crmkit_journey.passages.live import Version, live_versions
from crmkit_journey.passages.models import Arrival, Passage
from crmkit_journey.passages.publishing import PUBLISH

_ = texts("crmkit_journey")
_log = logging.getLogger("crmkit.journey")

RUN = "journey.run"
SECONDS = 45
"""After so long a run leaves the rest to the next one."""


def run_due(crm: CRM, actor: Actor, tick: datetime | None = None) -> None:
    """Have all flows go on until nothing is due, or the time of a run is over. Several may run at once: each takes
    passages that no other one has."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        with crm.session(crm.system("flows that are due")) as session:
            waiting = due_flows(session)
        done = [_one(crm, version) for version in waiting]
        if not any(done):
            return


def due_flows(session: CrmSession) -> list[Version]:
    """Return the flows for which something is due now."""
    now = session.gate.clock.business_now()
    found = live_versions(session, ("live", "retired"))
    ids = [each.flow_id for each in found]
    due = set(
        session.scalars(
            select(Passage.flow_id)
            .where(Passage.flow_id.in_(ids), Passage.due_at <= now, Passage.paused.is_(False))
            .distinct()
        )
    )
    arrived = set(session.scalars(select(Arrival.flow_id).where(Arrival.flow_id.in_(ids)).distinct()))
    return [each for each in found if each.flow_id in due or (each.flow_id in arrived and each.state == "live")]


def _one(crm: CRM, version: Version) -> int:
    """Have one flow go on by one batch; return how many arrivals and passages were looked at."""
    actor = version.actor(crm)
    try:
        done = crm.run(actor, "journey.passage.admit", {"flow": version.name}) if version.state == "live" else 0
        return done + crm.run(actor, "journey.passage.advance", {"flow": version.name})
    except Refused as error:
        _log.warning("the flow %s is stopped: %s", version.name, error)
        system = crm.system(f"the publisher of the flow {version.name} may not act")
        crm.run(system, "journey.flow.halt", {"reason": str(error)[:500]}, target=version.flow_id)
    except CrmkitError:
        _log.exception("the flow %s does not go on", version.name)
    return 0


@operation("journey.flow.halt", title=_("Stop the flow"), permission=PUBLISH, effect="update", hidden=True)
def halt(
    session: CrmSession,
    flow: Flow,
    *,
    reason: Annotated[str, Input(title=_("Why"), max_length=500, classified="internal")],
) -> Flow:
    """Stop a flow by itself and say why; who looks after it is told."""
    if flow.state == "live" or flow.state == "retired":
        flow.state = "paused"
        flow.halted = reason
        session.emit(FlowStopped(flow_id=flow.id, reason=reason))
    return flow


OPERATIONS = [halt]
JOBS = [
    Job(
        name=RUN,
        title=_("Have flows go on"),
        handler=run_due,
        every="1 minute",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=120,
    )
]
