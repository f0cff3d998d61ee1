"""As whom a rule acts: its publisher, or the plugin that ships it; and whether he may read what the rule reads. Rights
are found out anew at each run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from crmkit.core.customers.models import Customer
from crmkit.core.operations.registry import KERNEL
from crmkit.core.store.actor import Actor
from crmkit.engines.definitions.publishing import Defined
from crmkit.engines.facts.vocabulary import check_readable
from crmkit.engines.rules.compiling import Compiled
from crmkit.engines.rules.happening import OPEN
from crmkit.errors import Refused, UnknownFact
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")


def publisher_of(item: Defined) -> Actor:
    """Return the actor of a rule: the plugin of one that is as shipped, else whoever published it, as a user and within
    the token by which he came. Raises Refused where nobody's rights could be found out."""
    if item.origin == "shipped":
        if item.plugin in (None, KERNEL):
            return Actor.system(f"rule {item.name}")
        return Actor.plugin(str(item.plugin))
    if item.publisher == "system":
        return Actor.system(f"rule {item.name}")
    if item.publisher_user_id is None:
        raise Refused(_("Nobody's rights can be found out for {publisher}."), publisher=item.publisher)
    return evolve(Actor.user(item.publisher_user_id), limits=item.publisher_limits)


def check_reading(session: CrmSession, compiled: Compiled) -> None:
    """Return when the session's actor may read everything that a rule reads: the facts, and what events tell of a
    person. Raises UnknownFact, which names the first that he may not."""
    check_readable(session, compiled.facts)
    for symbol in compiled.uses:
        guarded = symbol.source == "event" and symbol.classified not in OPEN
        if guarded and session.level(Customer, symbol.classified) != "full":
            raise UnknownFact(
                _("{name} is {classified}, and masked for you."),
                fix=_("Leave it out, or have your role see such fields in full."),
                name=symbol.name,
                classified=symbol.classified,
            )
