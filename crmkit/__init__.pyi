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
    Customer as Customer,
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
from crmkit.core.store.model import (
    Access as Access,
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
from crmkit.errors import (
    Conflict as Conflict,
    CrmkitError as CrmkitError,
    InvalidInput as InvalidInput,
    NotFound as NotFound,
    Problem as Problem,
    Refused as Refused,
    Veto as Veto,
)
from crmkit.hooks import (
    hookimpl as hookimpl,
)
from crmkit.hooks.contributions import (
    AccessRule as AccessRule,
    Change as Change,
    Channel as Channel,
    Check as Check,
    Dimension as Dimension,
    Do as Do,
    ExportSection as ExportSection,
    Fact as Fact,
    FactSet as FactSet,
    Finding as Finding,
    InteractionKind as InteractionKind,
    Job as Job,
    Match as Match,
    Page as Page,
    Panel as Panel,
    PayloadField as PayloadField,
    PersonalData as PersonalData,
    Report as Report,
    Resource as Resource,
    Rule as Rule,
    SearchHit as SearchHit,
    Subscription as Subscription,
    TimelineEntry as TimelineEntry,
)
from crmkit.i18n import (
    texts as texts,
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
