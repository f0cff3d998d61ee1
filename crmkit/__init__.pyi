"""The public names of crmkit, for type checkers."""

from crmkit.app import (
    CRM as CRM,
)
from crmkit.core.access.models import (
    Role as Role,
    Team as Team,
    TeamMember as TeamMember,
    User as User,
    UserRole as UserRole,
)
from crmkit.core.business.money import (
    Money as Money,
    format_money as format_money,
    places as places,
)
from crmkit.core.business.rates import (
    convert as convert,
)
from crmkit.core.customers.consents import (
    ConsentStates as ConsentStates,
    consents_of as consents_of,
)
from crmkit.core.customers.contacts import (
    normalise_email as normalise_email,
    normalise_phone as normalise_phone,
)
from crmkit.core.customers.models import (
    Consent as Consent,
    ContactPoint as ContactPoint,
    Customer as Customer,
    CustomerIdentifier as CustomerIdentifier,
    Relationship as Relationship,
)
from crmkit.core.customers.records import (
    CustomerRecord as CustomerRecord,
)
from crmkit.core.interactions.attachments import (
    open_attachment as open_attachment,
)
from crmkit.core.interactions.files import (
    safe_filename as safe_filename,
)
from crmkit.core.interactions.media_types import (
    media_type_of as media_type_of,
)
from crmkit.core.interactions.models import (
    Attachment as Attachment,
    Interaction as Interaction,
    Participant as Participant,
    Product as Product,
    ProductCategory as ProductCategory,
    PurchaseLine as PurchaseLine,
)
from crmkit.core.operations.events import (
    event as event,
)
from crmkit.core.operations.inputs import (
    UNSET as UNSET,
    Input as Input,
    UnsetType as UnsetType,
    given as given,
    structure as structure,
)
from crmkit.core.operations.operation import (
    operation as operation,
)
from crmkit.core.store.actor import (
    Actor as Actor,
)
from crmkit.core.store.guard.writing import (
    write_rows as write_rows,
)
from crmkit.core.store.ids import (
    new_id as new_id,
)
from crmkit.core.store.model import (
    Access as Access,
    Entry as Entry,
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
from crmkit.core.vault.secrets import (
    hmac_digest as hmac_digest,
    random_bytes as random_bytes,
    random_text as random_text,
    same as same,
)
from crmkit.engines.classification.clusters import (
    cluster as cluster,
)
from crmkit.engines.definitions.publishing import (
    defined as defined,
)
from crmkit.engines.experiments.results import (
    ExperimentResult as ExperimentResult,
    experiment_result as experiment_result,
)
from crmkit.engines.facts.frame import (
    frame as frame,
)
from crmkit.engines.facts.moments import (
    Moment as Moment,
    moment_of as moment_of,
)
from crmkit.engines.facts.querying import (
    local_day as local_day,
    query_of as query_of,
)
from crmkit.engines.facts.reading import (
    values_of as values_of,
)
from crmkit.engines.facts.vocabulary import (
    catalogue_of as catalogue_of,
)
from crmkit.engines.search.searching import (
    search as search,
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
    RowExpression as RowExpression,
    customers_where as customers_where,
    row_condition as row_condition,
    row_expression as row_expression,
)
from crmkit.exchange.feed.reading import (
    FeedEvent as FeedEvent,
    FeedPage as FeedPage,
    events_of as events_of,
    has_more as has_more,
    read_feed as read_feed,
)
from crmkit.exchange.known import (
    customers_known_by as customers_known_by,
)
from crmkit.exchange.printing import (
    typeset as typeset,
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
    BoardChoice as BoardChoice,
    BoardColumn as BoardColumn,
    BoardMark as BoardMark,
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
    ImportField as ImportField,
    Imports as Imports,
    IncomingChange as IncomingChange,
    InteractionKind as InteractionKind,
    Job as Job,
    KeptValue as KeptValue,
    Match as Match,
    Named as Named,
    Note as Note,
    Page as Page,
    PageFile as PageFile,
    Panel as Panel,
    PayloadField as PayloadField,
    Period as Period,
    PersonalData as PersonalData,
    PublicPage as PublicPage,
    PublicSite as PublicSite,
    Received as Received,
    RecordPanel as RecordPanel,
    Reply as Reply,
    Report as Report,
    Resource as Resource,
    Rule as Rule,
    Searchable as Searchable,
    SearchField as SearchField,
    SearchHit as SearchHit,
    SearchRelated as SearchRelated,
    Segment as Segment,
    SiteAnswer as SiteAnswer,
    SiteMove as SiteMove,
    SitePage as SitePage,
    SiteVisit as SiteVisit,
    Subscription as Subscription,
    Synonyms as Synonyms,
    Table as Table,
    TimelineEntry as TimelineEntry,
    Visit as Visit,
)
from crmkit.hooks.ports import (
    Delivery as Delivery,
    Message as Message,
    MessageFile as MessageFile,
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
from crmkit.security.outgoing.addresses import (
    addresses_of as addresses_of,
)
from crmkit.security.outgoing.calls import (
    Answer as Answer,
    call_address as call_address,
    checked_address as checked_address,
)
from crmkit.security.outgoing.lines import (
    open_line as open_line,
    tls_context as tls_context,
)
from crmkit.security.outgoing.messages import (
    deliver as deliver,
)
from crmkit.security.outgoing.secrets import (
    secret_of as secret_of,
)
from crmkit.security.public.links import (
    IssuedLink as IssuedLink,
    link_address as link_address,
)
from crmkit.settings import (
    Settings as Settings,
)

__version__: str
__all__: list[str]
