"""Steering one passage by hand, each time with a reason: stop it, let it go on, end it, try again, send it back."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts, write_rows
from crmkit_journey.flows.errors import PassageInState, problem
from crmkit_journey.flows.models import Flow
from crmkit_journey.passages.advancing import state_of, step_row
from crmkit_journey.passages.events import PassagesEnded
from crmkit_journey.passages.live import version_at
from crmkit_journey.passages.models import Passage, PassageStep
from crmkit_journey.passages.stepping import Step, Stimulus

_ = texts("crmkit_journey")

STEER = "journey.passage.update"
Why = Annotated[str, Input(title=_("Why"), max_length=400, classified="internal")]


@operation("journey.passage.pause", title=_("Pause"), permission=STEER, effect="update")
def pause(session: CrmSession, passage: Passage, *, why: Why) -> Passage:
    """Stop a passage until somebody lets it go on; what happens meanwhile is noted. Raises PassageInState."""
    _under_way(passage)
    if passage.paused:
        raise PassageInState(_("The passage is paused already."))
    passage.paused = True
    _log(session, passage, "paused", passage.node, why)
    return passage


@operation("journey.passage.resume", title=_("Let it go on"), permission=STEER, effect="update")
def resume(session: CrmSession, passage: Passage, *, why: Why = "") -> Passage:
    """Let a passage go on that was paused. Raises PassageInState."""
    if not passage.paused:
        raise PassageInState(_("The passage is not paused."))
    passage.paused = False
    _log(session, passage, "resumed", passage.node, why)
    return passage


@operation("journey.passage.cancel", title=_("End it"), permission=STEER, effect="update")
def cancel(session: CrmSession, passage: Passage, *, why: Why) -> Passage:
    """End a passage now, with the outcome "cancelled". Raises PassageInState for one that is over."""
    _under_way(passage)
    node = passage.node
    passage.status, passage.outcome = "ended", "cancelled"
    passage.wake_at = passage.due_at = None
    passage.kinds = []
    passage.paused = False
    passage.since = session.gate.clock.business_now()
    _log(session, passage, "ended", node, why)
    if passage.of_id is not None:
        sender = session.get(Passage, passage.of_id)
        if sender is not None:
            sender.heard = [*sender.heard, {"what": "returned"}]
            sender.due_at = session.gate.clock.business_now()
    name = session.scalars(select(Flow.name).where(Flow.id == passage.flow_id)).one()
    ended = PassagesEnded(
        flow=name, outcome="cancelled", customer_ids=(passage.customer_id,), passage_ids=(passage.id,)
    )
    session.emit(ended)
    return passage


@operation("journey.passage.retry", title=_("Try again"), permission=STEER, effect="update")
def retry(session: CrmSession, passage: Passage, *, why: Why = "") -> Passage:
    """Try once more what failed. Raises PassageInState for a passage that did not fail."""
    if passage.status != "failed" and not passage.tries:
        raise PassageInState(_("Nothing of the passage has failed."))
    _stand(session, passage, passage.node)
    _log(session, passage, "retried", passage.node, why)
    return passage


@operation("journey.passage.send_to", title=_("Send to a node"), permission=STEER, effect="update")
def send_to(
    session: CrmSession,
    passage: Passage,
    *,
    node: Annotated[str, Input(title=_("Node"), max_length=40, classified="internal")],
    why: Why,
) -> Passage:
    """Send a passage back, or on past what failed, to a node of its version; it begins there at once.

    Raises PassageInState for one that is over or held out, InvalidInput for a node that there is not.
    """
    _under_way(passage)
    if passage.held_out:
        raise PassageInState(_("The customer is held out: nothing happens to those."))
    flow = session.get_one(Flow, passage.flow_id)
    if node not in version_at(session, flow, passage.edition).flow.nodes:
        raise problem("node", _('There is no node "{name}".'), name=node)
    before = passage.node
    _stand(session, passage, node)
    _log(session, passage, "moved", before, why)
    return passage


def _under_way(passage: Passage) -> None:
    if passage.status == "ended":
        raise PassageInState(_("The passage is over."))


def _stand(session: CrmSession, passage: Passage, node: str) -> None:
    now = session.gate.clock.business_now()
    passage.node, passage.status, passage.tries, passage.error = node, "ready", 0, None
    passage.since = passage.wake_at = passage.due_at = now
    passage.kinds = []


def _log(session: CrmSession, passage: Passage, what: str, node: str, why: str) -> None:
    now = session.gate.clock.business_now()
    passage.steps += 1
    session.flush()
    row = step_row(passage, node, Stimulus(what="go", at=now), Step(state=state_of(passage)), why)
    write_rows(session, PassageStep, [{**row, "what": what}])


OPERATIONS = [pause, resume, cancel, retry, send_to]
