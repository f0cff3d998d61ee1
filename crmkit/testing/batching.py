"""Checks that hooks take many customers at once: by counting the statements that they send.

Must not know what a hook answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import event

from crmkit.core.store.ids import new_id
from crmkit.hooks.contributions import Finding, IncomingChange, Probe
from crmkit.i18n import texts
from crmkit.testing.report import broken, from_error, noted
from crmkit.testing.scenes import Scene, Subject, Use, scene

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor
    from crmkit.testing.workbench import Workbench

_ = texts("crmkit")

MANY = 50
"""How many customers are asked about at once: a page of a list."""
USED = 8
"""For how many of them the plugin was used: enough to see that statements grow with them."""
HOOKS = ("crmkit_timeline", "crmkit_customer_panels", "crmkit_match_customers", "crmkit_search", "crmkit_keep_values")
"""The hooks that are asked about many customers, or for many answers, while somebody waits."""


@contextmanager
def counting(crm: CRM) -> Iterator[list[str]]:
    """Collect the statements that are sent to the database within the block."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    # Views of one engine: what listens to one hears nothing of the other.
    engines = list(dict.fromkeys((crm.engines.read, crm.engines.system_read)))
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def statements_are_few(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Ask each hook about one customer and about fifty, for some of whom the plugin was used."""
    name = bench.subject.name
    with scene(bench, use) as tried:
        asked = [hook for hook in HOOKS if name in tried.crm.dispatcher.implementers(hook)]
        if not asked:
            return
        subjects = [tried.customer(used=number < USED) for number in range(MANY)]
        actor = tried.actors(permissions=["*.*"], name="Tess Ter")
        for hook in asked:
            sent: list[int] = []
            took: list[float] = []
            for some in (subjects[:1], subjects):
                arguments = _arguments(hook, some)
                with tried.crm.session(actor) as session:
                    first = tried.crm.dispatcher.only(name, hook, session=session, **arguments)
                if first is not None and first.error is not None:
                    yield from_error(first.error, "CK202")
                    break
                # What is made ready at the first call counts for none.
                with tried.crm.session(actor) as session, counting(tried.crm) as statements:
                    began = time.perf_counter()
                    tried.crm.dispatcher.only(name, hook, session=session, **arguments)
                    took.append(time.perf_counter() - began)
                    sent.append(len(statements))
            if len(sent) == 2 and sent[1] > sent[0]:
                yield broken(
                    "CK801",
                    _("{hook} sends {one} statements for one customer and {many} for {number}."),
                    _("Select for all of them at once: where(Model.customer_id.in_(customer_ids))."),
                    hook=hook,
                    one=sent[0],
                    many=sent[1],
                    number=MANY,
                )
            if len(took) == 2:
                yield noted(
                    "CK803",
                    _("{hook} takes {ratio} times as long for {number} customers as for one."),
                    hook=hook,
                    ratio=f"{took[1] / max(took[0], 1e-6):.1f}",
                    number=MANY,
                )
        yield from _strangers(tried, actor, asked)


def _strangers(tried: Scene, actor: Actor, asked: Sequence[str]) -> Iterator[Finding]:
    """Ask about customers who are not there, and about none."""
    nobody = [Subject(id=new_id(), name="Nobody at all 4711", text="") for _number in range(2)]
    for hook in asked:
        for some in (nobody, []):
            with tried.crm.session(actor) as session:
                answer = tried.crm.dispatcher.only(tried.plugin, hook, session=session, **_arguments(hook, some))
            if answer is None or hook == "crmkit_search":
                continue
            known = {each.id for each in some}
            if answer.error is not None:
                yield from_error(answer.error, "CK802", always=True)
            elif hook in ("crmkit_timeline", "crmkit_match_customers") and answer.value:
                yield broken("CK802", _("Asked about nobody who is there, {hook} has an answer."), hook=hook)
            elif any(_about(each) not in known for each in answer.value):
                yield broken("CK802", _("{hook} answers about customers whom it was not asked about."), hook=hook)


def _about(answer: Any) -> UUID:
    found: UUID = answer.customer_id
    return found


def _arguments(hook: str, subjects: Sequence[Subject]) -> Mapping[str, Any]:
    ids = [each.id for each in subjects]
    match hook:
        case "crmkit_timeline":
            return {"customer_ids": ids, "since": None, "until": None}
        case "crmkit_customer_panels":
            return {"customer_ids": ids}
        case "crmkit_match_customers":
            return {"probes": [Probe(name=each.name, details={"city": "City"}) for each in subjects]}
        case "crmkit_search":
            return {"text": "Customer", "limit": max(len(ids), 1)}
        case _:
            changes = [IncomingChange(customer_id=each, fields=("name", "city")) for each in ids]
            return {"source": "elsewhere", "changes": changes}


STEPS: Sequence[Callable[[Workbench, Use | None], Iterator[Finding]]] = (statements_are_few,)
"""What is asked, each in a customer base of its own."""
