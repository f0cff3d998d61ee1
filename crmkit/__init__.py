"""crmkit: a plugin-based CRM framework.

Only the names listed in ``__all__`` are API. They are loaded on first use, so that ``import crmkit`` stays cheap and a
command that needs no database never loads one. ``__init__.pyi`` names them once more for type checkers.
"""

from __future__ import annotations

__version__ = "0.1.0"

_EXPORTS = {
    # the application
    "CRM": "crmkit.app",
    "Settings": "crmkit.settings",
    "HOOK_API": "crmkit.manifest",
    "PluginManifest": "crmkit.manifest",
    "Permission": "crmkit.manifest",
    "hookimpl": "crmkit.hooks",
    "texts": "crmkit.i18n",
    # what plugins declare
    "Resource": "crmkit.hooks.contributions",
    "InteractionKind": "crmkit.hooks.contributions",
    "PayloadField": "crmkit.hooks.contributions",
    "FactQuery": "crmkit.hooks.contributions",
    "FactSet": "crmkit.hooks.contributions",
    "Fact": "crmkit.hooks.contributions",
    "Dimension": "crmkit.hooks.contributions",
    "ByClusters": "crmkit.hooks.contributions",
    "ByCutPoints": "crmkit.hooks.contributions",
    "ByExpressions": "crmkit.hooks.contributions",
    "ByPin": "crmkit.hooks.contributions",
    "ByQuantiles": "crmkit.hooks.contributions",
    "ByValue": "crmkit.hooks.contributions",
    "DimensionLabel": "crmkit.hooks.contributions",
    "Rule": "crmkit.hooks.contributions",
    "Segment": "crmkit.hooks.contributions",
    "Do": "crmkit.hooks.contributions",
    "Report": "crmkit.hooks.contributions",
    "Chart": "crmkit.hooks.contributions",
    "Column": "crmkit.hooks.contributions",
    "Figure": "crmkit.hooks.contributions",
    "Goal": "crmkit.hooks.contributions",
    "Named": "crmkit.hooks.contributions",
    "Note": "crmkit.hooks.contributions",
    "Period": "crmkit.hooks.contributions",
    "Table": "crmkit.hooks.contributions",
    "Subscription": "crmkit.hooks.contributions",
    "Job": "crmkit.hooks.contributions",
    "Channel": "crmkit.hooks.contributions",
    "PersonalData": "crmkit.hooks.contributions",
    "Page": "crmkit.hooks.contributions",
    "Board": "crmkit.hooks.contributions",
    "BoardColumn": "crmkit.hooks.contributions",
    "Calendar": "crmkit.hooks.contributions",
    "CardLine": "crmkit.hooks.contributions",
    "DashboardCard": "crmkit.hooks.contributions",
    "PublicPage": "crmkit.hooks.contributions",
    "Visit": "crmkit.hooks.contributions",
    "Check": "crmkit.hooks.contributions",
    "Finding": "crmkit.hooks.contributions",
    "TimelineEntry": "crmkit.hooks.contributions",
    "Match": "crmkit.hooks.contributions",
    "Panel": "crmkit.hooks.contributions",
    "SearchHit": "crmkit.hooks.contributions",
    "Searchable": "crmkit.hooks.contributions",
    "SearchField": "crmkit.hooks.contributions",
    "SearchRelated": "crmkit.hooks.contributions",
    "AccessRule": "crmkit.hooks.contributions",
    "ExportSection": "crmkit.hooks.contributions",
    "Change": "crmkit.hooks.contributions",
    "IncomingChange": "crmkit.hooks.contributions",
    "KeptValue": "crmkit.hooks.contributions",
    "Feed": "crmkit.hooks.contributions",
    # models
    "Model": "crmkit.core.store.model",
    "Record": "crmkit.core.store.model",
    "CustomerRecord": "crmkit.core.customers.records",
    "Access": "crmkit.core.store.model",
    "field": "crmkit.core.store.model",
    "kernel_key": "crmkit.core.store.model",
    "Customer": "crmkit.core.customers.models",
    "ContactPoint": "crmkit.core.customers.models",
    "CustomerIdentifier": "crmkit.core.customers.models",
    "Interaction": "crmkit.core.interactions.models",
    "Product": "crmkit.core.interactions.models",
    "CustomerProfile": "crmkit.identity.profiles",
    "PostalAddress": "crmkit.identity.profiles",
    "customer_profiles": "crmkit.identity.profiles",
    "FieldChoice": "crmkit.identity.values",
    "FieldComparison": "crmkit.identity.values",
    "MergePlan": "crmkit.identity.values",
    "MergeRecord": "crmkit.identity.values",
    "Merged": "crmkit.identity.values",
    "RowConflict": "crmkit.identity.values",
    "TablePlan": "crmkit.identity.values",
    "UnmergePlan": "crmkit.identity.values",
    "Unmerged": "crmkit.identity.values",
    "merges_of": "crmkit.identity.records",
    "plan_merge": "crmkit.identity.plans",
    "plan_unmerge": "crmkit.identity.plans",
    "surviving_id": "crmkit.identity.records",
    "FieldOrigin": "crmkit.identity.origins",
    "PastValue": "crmkit.identity.origins",
    "RecordOrigins": "crmkit.identity.origins",
    "origins_of": "crmkit.identity.origins",
    "User": "crmkit.core.access.models",
    "Team": "crmkit.core.access.models",
    "Money": "crmkit.core.business.money",
    "Id": "crmkit.core.store.types",
    "new_id": "crmkit.core.store.ids",
    "Instant": "crmkit.core.store.types",
    "ScaledDecimal": "crmkit.core.store.types",
    "json_type": "crmkit.core.store.types",
    # facts
    "Moment": "crmkit.engines.facts.moments",
    "moment_of": "crmkit.engines.facts.moments",
    "frame": "crmkit.engines.facts.frame",
    "values_of": "crmkit.engines.facts.reading",
    "customers_where": "crmkit.exchange.conditions",
    "row_condition": "crmkit.exchange.conditions",
    # files
    "open_rows": "crmkit.exchange.readers",
    # operations
    "Input": "crmkit.core.operations.inputs",
    "UNSET": "crmkit.core.operations.inputs",
    "UnsetType": "crmkit.core.operations.inputs",
    "given": "crmkit.core.operations.inputs",
    "operation": "crmkit.core.operations.operation",
    "event": "crmkit.core.operations.events",
    "CrmSession": "crmkit.core.store.session",
    "Actor": "crmkit.core.store.actor",
    # errors
    "CrmkitError": "crmkit.errors",
    "InvalidInput": "crmkit.errors",
    "Problem": "crmkit.errors",
    "NotFound": "crmkit.errors",
    "Conflict": "crmkit.errors",
    "Refused": "crmkit.errors",
    "Veto": "crmkit.errors",
}

__all__ = ["__version__", *_EXPORTS]


def __getattr__(name: str) -> object:
    module = _EXPORTS.get(name)
    if module is None:
        raise AttributeError(f"module 'crmkit' has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
