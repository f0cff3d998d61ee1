"""The one table that says how each hook is called and what an error in it costs.

A test holds it together with the specifications and their documentation. Must not know plugins or the dispatcher.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from attrs import evolve, frozen

Kind = Literal["declarative", "access", "behaviour", "first", "transaction", "lifecycle"]
Result = Literal["collect", "first"]
Errors = Literal["quarantine", "isolate", "strict", "closed", "concerned"]


@frozen(kw_only=True)
class Policy:
    """How a hook is called.

    ``result`` "collect" takes every answer, "first" stops at the first that is not None. ``errors`` says what an
    exception costs:

    - quarantine: the plugin is set aside with its reason, the others go on; fatal in strict mode.
    - isolate: that plugin's answer; the error is reported beside the answers of the others.
    - closed: the decision; the caller refuses what was asked.
    - strict: the call; the exception is raised.
    - concerned: the hook is called on one plugin only, and the exception is raised.

    ``many`` says that an answer is several values; anything else is an error. ``dependents_first`` turns the order
    round, for what is taken down in the reverse of how it was set up.
    """

    kind: Kind
    result: Result = "collect"
    errors: Errors
    many: bool = False
    dependents_first: bool = False

    @property
    def raises(self) -> bool:
        """Say whether an exception in an implementation reaches the caller."""
        return self.errors in ("strict", "concerned")

    @property
    def breaks(self) -> bool:
        """Say whether an implementation that keeps failing is left out for a while.

        Nothing else may be: a declaration, an access rule or a check that is left out would be missing unnoticed.
        """
        return self.kind == "behaviour" and self.errors == "isolate"

    @property
    def ordering_allowed(self) -> bool:
        """Say whether an implementation may ask to be called first or last."""
        return self.result == "first"


DECLARATIVE = Policy(kind="declarative", errors="quarantine")
ACCESS = Policy(kind="access", errors="closed")
BEHAVIOUR = Policy(kind="behaviour", errors="isolate", many=True)
FIRST = Policy(kind="first", result="first", errors="strict")
TRANSACTION = Policy(kind="transaction", errors="strict")
STARTUP = Policy(kind="lifecycle", errors="quarantine")
SHUTDOWN = Policy(kind="lifecycle", errors="isolate", dependents_first=True)
CONCERNED = Policy(kind="lifecycle", errors="concerned")

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        "crmkit_models": DECLARATIVE,
        "crmkit_resources": DECLARATIVE,
        "crmkit_operations": DECLARATIVE,
        "crmkit_events": DECLARATIVE,
        "crmkit_interaction_kinds": DECLARATIVE,
        "crmkit_facts": DECLARATIVE,
        "crmkit_dimensions": DECLARATIVE,
        "crmkit_segments": DECLARATIVE,
        "crmkit_rules": DECLARATIVE,
        "crmkit_reports": DECLARATIVE,
        "crmkit_searchables": DECLARATIVE,
        "crmkit_subscriptions": DECLARATIVE,
        "crmkit_jobs": DECLARATIVE,
        "crmkit_channels": DECLARATIVE,
        "crmkit_personal_data": DECLARATIVE,
        "crmkit_pages": DECLARATIVE,
        "crmkit_boards": DECLARATIVE,
        "crmkit_calendars": DECLARATIVE,
        "crmkit_public_pages": DECLARATIVE,
        "crmkit_public_sites": DECLARATIVE,
        "crmkit_dashboard_cards": DECLARATIVE,
        "crmkit_checks": DECLARATIVE,
        "crmkit_guards": DECLARATIVE,
        "crmkit_access_rules": ACCESS,
        "crmkit_timeline": BEHAVIOUR,
        "crmkit_match_customers": BEHAVIOUR,
        "crmkit_customer_panels": BEHAVIOUR,
        "crmkit_search": BEHAVIOUR,
        "crmkit_resolve_actor": FIRST,
        "crmkit_key_provider": FIRST,
        "crmkit_job_backend": FIRST,
        "crmkit_deliver_message": FIRST,
        "crmkit_file_store": FIRST,
        "crmkit_validate_change": TRANSACTION,
        "crmkit_check_feed": TRANSACTION,
        "crmkit_keep_values": TRANSACTION,
        "crmkit_merge_customers": TRANSACTION,
        "crmkit_erase_customer": TRANSACTION,
        "crmkit_export_customer": TRANSACTION,
        "crmkit_startup": STARTUP,
        "crmkit_shutdown": SHUTDOWN,
        "crmkit_plugin_enabled": CONCERNED,
        "crmkit_plugin_disabled": CONCERNED,
        "crmkit_plugin_upgraded": CONCERNED,
        "crmkit_plugin_purging": CONCERNED,
    }
)


def default_policy(*, firstresult: bool) -> Policy:
    """Return the policy of a plugin's own hook that states none: first results are strict, others isolated."""
    return FIRST if firstresult else evolve(BEHAVIOUR, many=False)
