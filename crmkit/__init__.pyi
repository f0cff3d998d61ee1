"""The public names of crmkit, for type checkers."""

from crmkit.app import (
    CRM as CRM,
)
from crmkit.core.access.models import (
    Team as Team,
    User as User,
)
from crmkit.core.business.money import (
    Money as Money,
)
from crmkit.core.customers.models import (
    ContactPoint as ContactPoint,
    Customer as Customer,
    CustomerIdentifier as CustomerIdentifier,
)
from crmkit.core.customers.records import (
    CustomerRecord as CustomerRecord,
)
from crmkit.core.interactions.models import (
    Interaction as Interaction,
    Product as Product,
)
from crmkit.core.operations.events import (
    event as event,
)
from crmkit.core.operations.inputs import (
    UNSET as UNSET,
    Input as Input,
    UnsetType as UnsetType,
    given as given,
)
from crmkit.core.operations.operation import (
    operation as operation,
)
from crmkit.core.store.actor import (
    Actor as Actor,
)
from crmkit.core.store.ids import (
    new_id as new_id,
)
from crmkit.core.store.model import (
    Access as Access,
    Model as Model,
    Record as Record,
    field as field,
    kernel_key as kernel_key,
)
from crmkit.core.store.session import (
    CrmSession as CrmSession,
)
from crmkit.core.store.types import (
    Id as Id,
    Instant as Instant,
    ScaledDecimal as ScaledDecimal,
    json_type as json_type,
)
from crmkit.engines.facts.frame import (
    frame as frame,
)
from crmkit.engines.facts.moments import (
    Moment as Moment,
    moment_of as moment_of,
)
from crmkit.engines.facts.reading import (
    values_of as values_of,
)
from crmkit.errors import (
    Conflict as Conflict,
    CrmkitError as CrmkitError,
    InvalidInput as InvalidInput,
    NotFound as NotFound,
    Problem as Problem,
    Refused as Refused,
    Veto as Veto,
)
from crmkit.exchange.conditions import (
    customers_where as customers_where,
    row_condition as row_condition,
)
from crmkit.exchange.readers import (
    open_rows as open_rows,
)
from crmkit.hooks import (
    hookimpl as hookimpl,
)
from crmkit.hooks.contributions import (
    AccessRule as AccessRule,
    Board as Board,
    BoardColumn as BoardColumn,
    ByClusters as ByClusters,
    ByCutPoints as ByCutPoints,
    ByExpressions as ByExpressions,
    ByPin as ByPin,
    ByQuantiles as ByQuantiles,
    ByValue as ByValue,
    Calendar as Calendar,
    CardLine as CardLine,
    Change as Change,
    Channel as Channel,
    Chart as Chart,
    Check as Check,
    Column as Column,
    DashboardCard as DashboardCard,
    Dimension as Dimension,
    DimensionLabel as DimensionLabel,
    Do as Do,
    ExportSection as ExportSection,
    Fact as Fact,
    FactQuery as FactQuery,
    FactSet as FactSet,
    Feed as Feed,
    Figure as Figure,
    Finding as Finding,
    Goal as Goal,
    IncomingChange as IncomingChange,
    InteractionKind as InteractionKind,
    Job as Job,
    KeptValue as KeptValue,
    Match as Match,
    Named as Named,
    Note as Note,
    Page as Page,
    Panel as Panel,
    PayloadField as PayloadField,
    Period as Period,
    PersonalData as PersonalData,
    PublicPage as PublicPage,
    Report as Report,
    Resource as Resource,
    Rule as Rule,
    Searchable as Searchable,
    SearchField as SearchField,
    SearchHit as SearchHit,
    SearchRelated as SearchRelated,
    Segment as Segment,
    Subscription as Subscription,
    Table as Table,
    TimelineEntry as TimelineEntry,
    Visit as Visit,
)
from crmkit.i18n import (
    texts as texts,
)
from crmkit.identity.origins import (
    FieldOrigin as FieldOrigin,
    PastValue as PastValue,
    RecordOrigins as RecordOrigins,
    origins_of as origins_of,
)
from crmkit.identity.plans import (
    plan_merge as plan_merge,
    plan_unmerge as plan_unmerge,
)
from crmkit.identity.profiles import (
    CustomerProfile as CustomerProfile,
    PostalAddress as PostalAddress,
    customer_profiles as customer_profiles,
)
from crmkit.identity.records import (
    merges_of as merges_of,
    surviving_id as surviving_id,
)
from crmkit.identity.values import (
    FieldChoice as FieldChoice,
    FieldComparison as FieldComparison,
    Merged as Merged,
    MergePlan as MergePlan,
    MergeRecord as MergeRecord,
    RowConflict as RowConflict,
    TablePlan as TablePlan,
    Unmerged as Unmerged,
    UnmergePlan as UnmergePlan,
)
from crmkit.manifest import (
    HOOK_API as HOOK_API,
    Permission as Permission,
    PluginManifest as PluginManifest,
)
from crmkit.settings import (
    Settings as Settings,
)

__version__: str
__all__: list[str]
