"""The page of topics: the runs, and what was found. Must not change anything; what can be done is an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmkit import CrmSession, Page, texts
from crmkit_needs.desk.pages import may
from crmkit_needs.topics.models import RUNS, TOPICS
from crmkit_needs.topics.reading import runs, shown_of

_ = texts("crmkit_needs")

HOME = "/modules/needs/topics"
TONES = {"done": "good", "failed": "bad", "running": "info", "waiting": "info", "need": "good"}


def topics_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the runs and the topics of the one that is asked for, else of the last one that has ended, with what the
    reader may see of each."""
    known = runs(session)
    asked = query.get("run", "")
    run = next((each for each in known if str(each.number) == asked), None)
    if run is None:
        run = next((each for each in known if each.state == "done"), None) or next(iter(known), None)
    shown = shown_of(session, run) if run is not None else []
    everything = query.get("ignored") == "yes"
    return {
        "runs": known,
        "run": run,
        "topics": [each for each in shown if everything or each.topic.state != "ignored"],
        "ignored": sum(each.topic.state == "ignored" for each in shown),
        "everything": everything,
        "run_states": RUNS,
        "topic_states": TOPICS,
        "tones": TONES,
        "kinds": {name: kind.title for name, kind in session.gate.registry.interaction_kinds.items()},
        "may_mine": may(session, "needs.topic", "mine"),
        "may_update": may(session, "needs.topic", "update"),
        "may_create": may(session, "needs.need", "create"),
        "home": HOME,
        "here": HOME if run is None else f"{HOME}?run={run.number}",
    }


PAGES = [
    Page(
        name="needs.topics",
        title=_("Topics"),
        path="/topics",
        template="needs/topics/topics.html",
        context=topics_page,
        permission="needs.topic.read",
        icon="message-circle",
        order=78,
    )
]
