"""What a flow is made of, as frozen values: how customers come in, what ends it, and the nodes on the way.

Values only: must not know databases, nor what is done with them. What leads to a node names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from attrs import field, frozen

from crmkit import Input, texts

_ = texts("crmkit_journey")

Words = Annotated[str, Input(classified="internal")]
On = Literal["event", "segment", "daily", "call"]
Again = Literal["never", "always", "after", "each"]


@frozen(kw_only=True)
class Entry:
    """How customers come in.

    ``on`` "event": with an interaction of one of ``kinds``; "segment": by entering (or, with ``change`` "left",
    leaving) ``segment``; "daily": once a day at ``at`` (hour of the company's zone), whoever ``when`` holds for,
    such as ``days_until(customer.birthday) == 7``; "call": by the operation alone, which works with every flow.
    ``when`` is a condition over facts that holds of whoever comes in.

    ``again`` says whether a customer who was in before may come in again: "never", "always" (once the former passage
    has ended), "after" ``days`` since the former one began, or "each" (one passage for each event, several at a time).
    ``most`` limits the passages of a customer, 0 for no limit.
    """

    on: Literal["event", "segment", "daily", "call"] = "call"
    kinds: tuple[Words, ...] = field(default=(), converter=tuple)
    segment: Words = ""
    change: Literal["entered", "left"] = "entered"
    at: int = 9
    when: Words = "true"
    again: Literal["never", "always", "after", "each"] = "never"
    days: int = 0
    most: int = 0


@frozen(kw_only=True)
class Goal:
    """What a passage is for: an interaction of one of ``kinds``, or ``when`` holds; with both, both at once.

    It counts for ``days`` after the passage began, ended or not. With ``leave`` a passage that reaches it is over.
    """

    kinds: tuple[Words, ...] = field(default=(), converter=tuple)
    when: Words = ""
    days: int = 30
    leave: bool = True


@frozen(kw_only=True)
class Message:
    """Sends a message by a template, within consent, caps and quiet hours. ``values`` are expressions by name; the
    purpose, by which consent is looked up, is the template's unless said."""

    type: ClassVar[str] = "message"
    acts: ClassVar[bool] = True
    template: Words
    purpose: Words = ""
    channel: Words = ""
    values: Mapping[Words, Words] = field(factory=dict[str, str])
    next: Words = ""
    title: Words = ""


@frozen(kw_only=True)
class Task:
    """Gives somebody a task about the customer: the customer's owner, or a queue. ``due`` is a span after now."""

    type: ClassVar[str] = "task"
    acts: ClassVar[bool] = True
    task: Words
    queue: Words = ""
    due: Words = ""
    next: Words = ""
    title: Words = ""


@frozen(kw_only=True)
class Do:
    """Runs any operation: its inputs are expressions by name. One on customers acts on the passage's customer, and an
    input ``customer_id`` that is not given is that customer."""

    type: ClassVar[str] = "do"
    acts: ClassVar[bool] = True
    operation: Words
    inputs: Mapping[Words, Any] = field(factory=dict[str, Any])
    next: Words = ""
    title: Words = ""


@frozen(kw_only=True)
class Wait:
    """Waits: for a span (``span`` "3 days"), ``until`` a day or instant that an expression gives, for an interaction of
    one of ``kinds`` (or until ``when`` holds as one comes) with a ``timeout``, or for the next time that lies in a
    window (``days`` 1 to 7 from Monday, ``hours`` such as "9-18", in the customer's zone, else the company's).

    What it waited for leads to ``next``, the timeout to ``otherwise`` (without one to ``next``, too).
    """

    type: ClassVar[str] = "wait"
    acts: ClassVar[bool] = False
    span: Words = ""
    until: Words = ""
    kinds: tuple[Words, ...] = field(default=(), converter=tuple)
    when: Words = ""
    timeout: Words = ""
    days: tuple[int, ...] = field(default=(), converter=tuple)
    hours: Words = ""
    next: Words = ""
    otherwise: Words = ""
    title: Words = ""


@frozen(kw_only=True)
class Case:
    """One way out of a branch: the first whose condition holds is taken."""

    when: Words
    next: Words


@frozen(kw_only=True)
class Branch:
    """Goes on by conditions over facts; ``otherwise`` where none holds."""

    type: ClassVar[str] = "branch"
    acts: ClassVar[bool] = False
    cases: tuple[Case, ...] = field(default=(), converter=tuple)
    otherwise: Words = ""
    title: Words = ""


@frozen(kw_only=True)
class Arm:
    """One way out of a split, and the share of customers who take it, 0 to 1."""

    name: Words
    share: float
    next: Words


@frozen(kw_only=True)
class Split:
    """Sends customers different ways by chance, always the same for a customer. The others are compared with
    ``control``, by default the first; what ``share``s leave out goes the way of the last arm."""

    type: ClassVar[str] = "split"
    acts: ClassVar[bool] = False
    arms: tuple[Arm, ...] = field(default=(), converter=tuple)
    control: Words = ""
    title: Words = ""


@frozen(kw_only=True)
class Sub:
    """Has the customer pass through another flow and goes on when that is over."""

    type: ClassVar[str] = "sub"
    acts: ClassVar[bool] = True
    flow: Words
    next: Words = ""
    title: Words = ""


@frozen(kw_only=True)
class Jump:
    """Goes back ``to`` a node, at most ``most`` times in a passage; then goes on to ``next``."""

    type: ClassVar[str] = "jump"
    acts: ClassVar[bool] = False
    to: Words
    most: int = 1
    next: Words = ""
    title: Words = ""


@frozen(kw_only=True)
class Exit:
    """Ends the passage, with an ``outcome`` in a word."""

    type: ClassVar[str] = "exit"
    acts: ClassVar[bool] = False
    outcome: Words = "done"
    title: Words = ""


Node = Message | Task | Do | Wait | Branch | Split | Sub | Jump | Exit
TYPES: dict[str, type[Any]] = {each.type: each for each in (Message, Task, Do, Wait, Branch, Split, Sub, Jump, Exit)}
"""The types of nodes by name."""
TITLES = {
    "message": _("Message"),
    "task": _("Task"),
    "do": _("Operation"),
    "wait": _("Wait"),
    "branch": _("Branch"),
    "split": _("Split"),
    "sub": _("Another flow"),
    "jump": _("Jump back"),
    "exit": _("End"),
}


@frozen(kw_only=True)
class Flow:
    """A whole flow. ``start`` names its first node; whoever ``exit`` holds for leaves before the next step; the part
    ``hold_out`` (0 to 1) of those who come in is left alone, so that the effect can be told."""

    entry: Entry = field(factory=Entry)
    goal: Goal | None = None
    exit: Words = ""
    hold_out: float = 0.0
    start: Words = ""
    nodes: Mapping[str, Node] = field(factory=dict[str, Node])


def ways_of(node: Node) -> tuple[tuple[str, str], ...]:
    """Return where a node leads: each way's name, and the node (empty where it is not said)."""
    if isinstance(node, Exit):
        return ()
    if isinstance(node, Branch):
        cases = ((str(number), case.next) for number, case in enumerate(node.cases, 1))
        return (*cases, ("otherwise", node.otherwise))
    if isinstance(node, Split):
        return tuple((arm.name, arm.next) for arm in node.arms)
    if isinstance(node, Jump):
        return (("to", node.to), ("next", node.next))
    if isinstance(node, Wait) and node.otherwise:
        return (("next", node.next), ("otherwise", node.otherwise))
    return (("next", node.next),)
