"""Every error that crmkit raises: one tree, each with a code, what is wrong, whose it is and what would be right.

Must not know databases, plugins or doors. Each class is one code; ``docs/errors.md`` lists them all and a test holds
the two together. The modules beside this one keep a family each; everybody imports from here.
"""

from __future__ import annotations

from crmkit.errors.base import CrmkitError, Plain, Problem, problem_of
from crmkit.errors.commands import InternalError, UsageError
from crmkit.errors.configuration import ConfigurationError, HomeError, MissingExtra
from crmkit.errors.doors import (
    LinkClosed,
    MalformedRequest,
    MethodNotAllowed,
    NotAcceptable,
    NotFromHere,
    PayloadTooLarge,
    PreconditionRequired,
    TooManyCalls,
    Unauthenticated,
    UnsupportedMediaType,
)
from crmkit.errors.engines import (
    DefinitionError,
    ExpressionError,
    FontMissing,
    TemplateError,
    UnknownDefinition,
    UnknownFact,
    UnknownFigure,
    UnknownReport,
)
from crmkit.errors.exchange import FeedStopped, ImportConflict, ImportFailed, MappingError, UnreadableFile
from crmkit.errors.identity import (
    AlreadyMerged,
    MergeError,
    MergeUndone,
    UnmergeConflict,
    UnmergeErased,
    UnmergeOrder,
)
from crmkit.errors.jobs import JobError, LeaseLost
from crmkit.errors.operations import (
    AlreadyExists,
    Conflict,
    EventsGone,
    GuardRefused,
    InvalidCredentials,
    InvalidInput,
    KeyReused,
    NestingTooDeep,
    NotFound,
    PossibleDuplicate,
    RateMissing,
    Refused,
    StaleWrite,
    TooManyAttempts,
    UnknownOperation,
    Veto,
    WriteOutsideOperation,
)
from crmkit.errors.plugins import (
    AccessError,
    ContributionError,
    HookError,
    HookFailed,
    LifecycleError,
    ManifestError,
    MigrationError,
    ModelError,
    PluginApiError,
    PluginDependencyError,
    PluginError,
    PluginImportError,
    UnknownPlugin,
)
from crmkit.errors.protection import (
    Erased,
    KeyBackupError,
    KeyInUse,
    KeyMissing,
    KeyUnsafe,
    OnLegalHold,
    SealBroken,
    VaultError,
    WrongKey,
)
from crmkit.errors.signing_in import FactorNeeded, SignOnFailed, StepUpNeeded
from crmkit.errors.store import BackupError, DatabaseBusy, FileRejected, NotInitialised, SchemaOutdated, StoreError

__all__ = [
    "AccessError",
    "AlreadyExists",
    "AlreadyMerged",
    "BackupError",
    "ConfigurationError",
    "Conflict",
    "ContributionError",
    "CrmkitError",
    "DatabaseBusy",
    "DefinitionError",
    "Erased",
    "EventsGone",
    "ExpressionError",
    "FactorNeeded",
    "FeedStopped",
    "FileRejected",
    "FontMissing",
    "GuardRefused",
    "HomeError",
    "HookError",
    "HookFailed",
    "ImportConflict",
    "ImportFailed",
    "InternalError",
    "InvalidCredentials",
    "InvalidInput",
    "JobError",
    "KeyBackupError",
    "KeyInUse",
    "KeyMissing",
    "KeyReused",
    "KeyUnsafe",
    "LeaseLost",
    "LifecycleError",
    "LinkClosed",
    "MalformedRequest",
    "ManifestError",
    "MappingError",
    "MergeError",
    "MergeUndone",
    "MethodNotAllowed",
    "MigrationError",
    "MissingExtra",
    "ModelError",
    "NestingTooDeep",
    "NotAcceptable",
    "NotFound",
    "NotFromHere",
    "NotInitialised",
    "OnLegalHold",
    "PayloadTooLarge",
    "Plain",
    "PluginApiError",
    "PluginDependencyError",
    "PluginError",
    "PluginImportError",
    "PossibleDuplicate",
    "PreconditionRequired",
    "Problem",
    "RateMissing",
    "Refused",
    "SchemaOutdated",
    "SealBroken",
    "SignOnFailed",
    "StaleWrite",
    "StepUpNeeded",
    "StoreError",
    "TemplateError",
    "TooManyAttempts",
    "TooManyCalls",
    "Unauthenticated",
    "UnknownDefinition",
    "UnknownFact",
    "UnknownFigure",
    "UnknownOperation",
    "UnknownPlugin",
    "UnknownReport",
    "UnmergeConflict",
    "UnmergeErased",
    "UnmergeOrder",
    "UnreadableFile",
    "UnsupportedMediaType",
    "UsageError",
    "VaultError",
    "Veto",
    "WriteOutsideOperation",
    "WrongKey",
    "all_errors",
    "problem_of",
]


def all_errors() -> list[type[CrmkitError]]:
    """Return every class of the tree in the order of their codes."""
    found: list[type[CrmkitError]] = []
    pending: list[type[CrmkitError]] = [CrmkitError]
    while pending:
        cls = pending.pop()
        if cls.__module__.startswith(f"{__name__}."):
            found.append(cls)
            pending.extend(cls.__subclasses__())
    return sorted(set(found), key=lambda cls: cls.code)
