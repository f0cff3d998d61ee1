"""Drawing a flow: each stroke changes the draft at hand and can be undone. A draft may have faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from crmkit import CrmSession, Input, operation, texts
from crmkit_journey.designer.drawing import Document, edit, lead, node_of, put, ways_in
from crmkit_journey.flows.errors import problem
from crmkit_journey.flows.models import Flow

_ = texts("crmkit_journey")

MANAGE = "journey.flow.manage"
Name = Annotated[str, Input(title=_("Node"), max_length=40, classified="public")]
Title = Annotated[str, Input(title=_("Title"), help=_("What people read."), max_length=80, classified="public")]
After = Annotated[
    str,
    Input(
        title=_("After"),
        help=_("The way that leads here, such as ask.next; empty where it is the first node or already in place."),
        max_length=90,
        classified="public",
    ),
]
Next = Annotated[str, Input(title=_("Leads to"), help=_("The node that follows."), max_length=40, classified="public")]
Text = Annotated[str, Input(classified="internal", max_length=1000)]
Kinds = Annotated[
    tuple[str, ...],
    Input(title=_("Kinds of interaction"), max_length=20, classified="internal"),
]
Pairs = Annotated[
    Mapping[str, str],
    Input(title=_("Values"), help=_("Expressions by name, such as name: customer.name."), classified="internal"),
]


@operation("journey.flow.set_message", title=_("Message"), permission=MANAGE, effect="update")
def set_message(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    template: Annotated[str, Input(title=_("Template"), max_length=120, classified="internal")],
    values: Pairs | None = None,
    title: Title = "",
    then: Next = "",
    after: After = "",
) -> Flow:
    """Draw a node that sends a message by a template. Raises InvalidInput."""
    found = {"type": "message", "template": template, "values": dict(values or {}), "title": title}
    return put(session, flow, node, found, next=then, after=after)


@operation("journey.flow.set_task", title=_("Task"), permission=MANAGE, effect="update")
def set_task(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    task: Annotated[str, Input(title=_("What is to be done"), max_length=200, classified="internal")],
    queue: Annotated[str, Input(title=_("Queue"), max_length=60, classified="internal")] = "",
    due: Annotated[
        str, Input(title=_("Due after"), help=_("Such as 2 days."), max_length=20, classified="internal")
    ] = "",
    title: Title = "",
    then: Next = "",
    after: After = "",
) -> Flow:
    """Draw a node that gives somebody a task. Raises InvalidInput."""
    found = {"type": "task", "task": task, "queue": queue, "due": due, "title": title}
    return put(session, flow, node, found, next=then, after=after)


@operation("journey.flow.set_do", title=_("Operation"), permission=MANAGE, effect="update")
def set_do(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    runs: Annotated[str, Input(title=_("Operation"), max_length=120, classified="internal")],
    inputs: Pairs | None = None,
    title: Title = "",
    then: Next = "",
    after: After = "",
) -> Flow:
    """Draw a node that runs an operation. Raises InvalidInput."""
    found = {"type": "do", "operation": runs, "inputs": dict(inputs or {}), "title": title}
    return put(session, flow, node, found, next=then, after=after)


@operation("journey.flow.set_wait", title=_("Wait"), permission=MANAGE, effect="update")
def set_wait(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    span: Annotated[str, Input(title=_("For"), help=_("Such as 3 days."), max_length=20, classified="internal")] = "",
    until: Annotated[
        str, Input(title=_("Until"), help=_("An expression for a day."), max_length=400, classified="internal")
    ] = "",
    kinds: Kinds = (),
    when: Annotated[str, Input(title=_("And this holds"), max_length=1000, classified="internal")] = "",
    timeout: Annotated[
        str, Input(title=_("At most for"), help=_("Such as 7 days."), max_length=20, classified="internal")
    ] = "",
    hours: Annotated[
        str, Input(title=_("Until these hours"), help=_("Such as 9-18."), max_length=10, classified="internal")
    ] = "",
    otherwise: Annotated[str, Input(title=_("When time is over, to"), max_length=40, classified="public")] = "",
    title: Title = "",
    then: Next = "",
    after: After = "",
) -> Flow:
    """Draw a node that waits: for a span, until a day, for an interaction, or for hours. Raises InvalidInput."""
    found = {
        "type": "wait",
        "span": span,
        "until": until,
        "kinds": list(kinds),
        "when": when,
        "timeout": timeout,
        "hours": hours,
        "otherwise": otherwise,
        "title": title,
    }
    return put(session, flow, node, found, next=then, after=after)


@operation("journey.flow.set_branch", title=_("Branch"), permission=MANAGE, effect="update")
def set_branch(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    when: Annotated[str, Input(title=_("If"), max_length=1000, classified="internal")],
    then: Annotated[str, Input(title=_("Leads to"), max_length=40, classified="public")] = "",
    otherwise: Annotated[str, Input(title=_("Else to"), max_length=40, classified="public")] = "",
    title: Title = "",
    after: After = "",
) -> Flow:
    """Draw a branch with a condition; more are added with `journey.flow.add_case`. Raises InvalidInput."""
    found = {"type": "branch", "cases": [{"when": when, "next": then}], "otherwise": otherwise, "title": title}
    return put(session, flow, node, found, after=after)


@operation("journey.flow.add_case", title=_("Another condition"), permission=MANAGE, effect="update")
def add_case(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    when: Annotated[str, Input(title=_("If"), max_length=1000, classified="internal")],
    then: Annotated[str, Input(title=_("Leads to"), max_length=40, classified="public")],
) -> Flow:
    """Add a condition to a branch, after those it has. Raises InvalidInput."""

    def change(document: Document) -> None:
        node_of(document, node, "branch").setdefault("cases", []).append({"when": when, "next": then})

    return edit(session, flow, change)


@operation("journey.flow.set_split", title=_("Split"), permission=MANAGE, effect="update")
def set_split(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    share: Annotated[float, Input(title=_("Share of the first way (0 to 1)"), classified="internal")] = 0.5,
    first: Annotated[str, Input(title=_("First way to"), max_length=40, classified="public")] = "",
    second: Annotated[str, Input(title=_("Second way to"), max_length=40, classified="public")] = "",
    title: Title = "",
    after: After = "",
) -> Flow:
    """Draw a split of two ways, "a" and "b", by chance. Raises InvalidInput."""
    if not 0 < share < 1:
        raise problem("share", _("A share lies between 0 and 1."))
    arms = [{"name": "a", "share": share, "next": first}, {"name": "b", "share": round(1 - share, 6), "next": second}]
    return put(session, flow, node, {"type": "split", "arms": arms, "title": title}, after=after)


@operation("journey.flow.set_sub", title=_("Another flow"), permission=MANAGE, effect="update")
def set_sub(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    other: Annotated[str, Input(title=_("Flow"), max_length=60, classified="public")],
    title: Title = "",
    then: Next = "",
    after: After = "",
) -> Flow:
    """Draw a node that has the customer pass through another flow. Raises InvalidInput."""
    return put(session, flow, node, {"type": "sub", "flow": other, "title": title}, next=then, after=after)


@operation("journey.flow.set_jump", title=_("Jump back"), permission=MANAGE, effect="update")
def set_jump(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    to: Annotated[str, Input(title=_("Back to"), max_length=40, classified="public")],
    most: Annotated[int, Input(title=_("At most so often"), classified="public")] = 1,
    title: Title = "",
    then: Next = "",
    after: After = "",
) -> Flow:
    """Draw a jump back to a node. Raises InvalidInput."""
    return put(session, flow, node, {"type": "jump", "to": to, "most": most, "title": title}, next=then, after=after)


@operation("journey.flow.set_exit", title=_("End"), permission=MANAGE, effect="update")
def set_exit(
    session: CrmSession,
    flow: Flow,
    *,
    node: Name,
    outcome: Annotated[str, Input(title=_("Outcome in a word"), max_length=40, classified="public")] = "done",
    title: Title = "",
    after: After = "",
) -> Flow:
    """Draw an end. Raises InvalidInput."""
    return put(session, flow, node, {"type": "exit", "outcome": outcome, "title": title}, after=after, ends=True)


@operation("journey.flow.connect", title=_("Lead elsewhere"), permission=MANAGE, effect="update")
def connect(
    session: CrmSession,
    flow: Flow,
    *,
    way: Annotated[str, Input(title=_("Way"), help=_("Such as ask.next."), max_length=90, classified="public")],
    to: Annotated[str, Input(title=_("To"), max_length=40, classified="public")],
) -> Flow:
    """Have a way lead to a node. Raises InvalidInput for a way or a node that there is not."""

    def change(document: Document) -> None:
        if to not in document["nodes"]:
            raise problem("to", _('There is no node "{name}".'), name=to)
        lead(document, way, to)

    return edit(session, flow, change)


@operation("journey.flow.remove_node", title=_("Remove the node"), permission=MANAGE, effect="update")
def remove_node(session: CrmSession, flow: Flow, *, node: Name) -> Flow:
    """Remove a node; what led there leads to what followed. Raises InvalidInput for a node that there is not."""

    def change(document: Document) -> None:
        gone = node_of(document, node)
        follows = str(gone.get("next") or gone.get("otherwise") or "")
        follows = "" if follows == node else follows
        del document["nodes"][node]
        for each in document["nodes"].values():
            for holder, key in ways_in(each):
                if holder.get(key) == node:
                    holder[key] = follows
        if document.get("start") == node:
            document["start"] = follows

    return edit(session, flow, change)


@operation("journey.flow.set_start", title=_("Make it the first node"), permission=MANAGE, effect="update")
def set_start(session: CrmSession, flow: Flow, *, node: Name) -> Flow:
    """Make a node the first one. Raises InvalidInput for a node that there is not."""

    def change(document: Document) -> None:
        node_of(document, node)
        document["start"] = node

    return edit(session, flow, change)


@operation("journey.flow.set_entry", title=_("How customers come in"), permission=MANAGE, effect="update")
def set_entry(
    session: CrmSession,
    flow: Flow,
    *,
    on: Annotated[
        Literal["event", "segment", "daily", "call"],
        Input(
            title=_("By"),
            choices={
                "event": _("An interaction"),
                "segment": _("A segment"),
                "daily": _("Every day"),
                "call": _("By hand or from elsewhere"),
            },
            classified="internal",
        ),
    ] = "call",
    kinds: Kinds = (),
    segment: Annotated[str, Input(title=_("Segment"), max_length=120, classified="internal")] = "",
    when: Annotated[str, Input(title=_("For whom this holds"), max_length=1000, classified="internal")] = "true",
    again: Annotated[
        Literal["never", "always", "after", "each"],
        Input(
            title=_("Again"),
            choices={
                "never": _("Never"),
                "always": _("Whenever the former passage is over"),
                "after": _("After so many days"),
                "each": _("For each interaction, several at a time"),
            },
            classified="internal",
        ),
    ] = "never",
    days: Annotated[int, Input(title=_("Days"), classified="internal")] = 0,
    most: Annotated[int, Input(title=_("At most so often (0: no limit)"), classified="internal")] = 0,
    hold_out: Annotated[float, Input(title=_("Share that is held out (0 to 0.9)"), classified="internal")] = 0.0,
    exit: Annotated[str, Input(title=_("Leave as soon as this holds"), max_length=1000, classified="internal")] = "",
) -> Flow:
    """Say how customers come in, who is held out, and when they leave. Raises InvalidInput."""

    def change(document: Document) -> None:
        entry = dict(document.get("entry") or {})
        entry.update(on=on, kinds=list(kinds), segment=segment, when=when or "true", again=again, days=days, most=most)
        document.update(entry=entry, hold_out=hold_out, exit=exit)

    return edit(session, flow, change)


@operation("journey.flow.set_goal", title=_("What it is for"), permission=MANAGE, effect="update")
def set_goal(
    session: CrmSession,
    flow: Flow,
    *,
    kinds: Kinds = (),
    when: Annotated[str, Input(title=_("And this holds"), max_length=1000, classified="internal")] = "",
    days: Annotated[int, Input(title=_("Within days"), classified="internal")] = 30,
    leave: Annotated[bool, Input(title=_("Whoever reaches it is through"), classified="internal")] = True,
) -> Flow:
    """Say what the goal is. Raises InvalidInput."""

    def change(document: Document) -> None:
        document["goal"] = {"kinds": list(kinds), "when": when, "days": days, "leave": leave}

    return edit(session, flow, change)


OPERATIONS = [
    set_message,
    set_task,
    set_do,
    set_wait,
    set_branch,
    add_case,
    set_split,
    set_sub,
    set_jump,
    set_exit,
    connect,
    remove_node,
    set_start,
    set_entry,
    set_goal,
]
