"""Opportunities as other systems have them: taken over with their past, whatever their stages are called there.

A stage is one of the pipeline by name or title; else words say that it is won or lost; else the one that is as likely
to be won, by what the row says, or what is usual for its name. Nobody is asked whether the past met criteria, and no
rule answers to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Annotated
from zoneinfo import ZoneInfo

from crmkit import CrmSession, Customer, ImportField, Imports, Input, InvalidInput, Problem, operation, texts
from crmkit_sales.pipelines.choosing import lost_stage, pipeline_named, published, stages_of, won_stage
from crmkit_sales.pipelines.history import note
from crmkit_sales.pipelines.inputs import (
    Currency,
    CustomerId,
    Day,
    Minor,
    OwnerId,
    PipelineName,
    ReasonText,
    Source,
    Step,
    Title,
    check_amount,
    cleaned,
    require_customer,
)
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.numbers import next_number
from crmkit_sales.pipelines.operations import COUNTER, place
from crmkit_sales.pipelines.pipeline_models import PipelineVersion, Stage
from crmkit_sales.pipelines.stages import LOST, OPEN_KIND, WON

_ = texts("crmkit_sales")

IMPORT = "sales.opportunity.import"
_NOISE = re.compile(r"[\W_]+")


def _plain(words: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", words).casefold())


def _words(text: str) -> frozenset[str]:
    return frozenset(_plain(each) for each in text.split("|"))


WON_WORDS = _words("won|closed won|赢单|已赢单|成交|赢|已成交")
LOST_WORDS = _words("lost|closed lost|closed lost to competition|输单|已输单|丢单|输|无效")
USUAL: Mapping[str, int] = {
    _plain(name): percent
    for percent, names in {
        10: "prospecting|qualification|qualified|new|lead in|初步接洽|验证客户",
        20: "needs analysis|contact made|appointment scheduled|需求确定|需求分析",
        40: "qualified to buy|demo scheduled",
        50: "value proposition",
        60: "id decision makers|identify decision makers|presentation scheduled",
        70: "perception analysis",
        75: "proposal price quote|proposal|proposal made|quote|方案报价|报价",
        90: "negotiation review|negotiation|negotiations started|decision maker bought in|contract sent|谈判审核|谈判",
    }.items()
    for name in names.split("|")
}
"""How likely opportunities are won, in percent, that are in stages which other systems begin with."""

IMPORTS = Imports(
    operation=IMPORT,
    customer="required",
    owner=True,
    holds="deals",
    known=(("external_source", "external_id"), ("customer_id", "title")),
    fields=[
        ImportField(
            name="title",
            title=_("Title"),
            required=True,
            headings="deal|deal name|deal title|opportunity|opportunity name|名称|商机|商机名称|标题|主题",
        ),
        ImportField(
            name="stage",
            title=_("Stage"),
            headings="status|deal stage|sales stage|阶段|状态|销售阶段|商机阶段",
        ),
        ImportField(
            name="percent",
            title=_("Probability there (percent)"),
            headings="probability|probability (%)|win probability|赢率|可能性",
        ),
        ImportField(
            name="amount",
            title=_("Amount"),
            type="money",
            headings="value|deal value|sum|金额|商机金额|预计金额",
        ),
        ImportField(name="currency", title=_("Currency"), headings="currency code|币种|幣種|货币|貨幣"),
        ImportField(
            name="expected_close",
            title=_("Expected to close on"),
            type="date",
            headings="expected close|close date|expected close date|closing date|预计成交日期|结束日期",
        ),
        ImportField(name="opened_at", title=_("Opened at"), type="instant", headings="opened|created at|创建时间"),
        ImportField(name="closed_at", title=_("Closed at"), type="instant", headings="closed|won at|关闭时间"),
        ImportField(name="next_step", title=_("Next step"), headings="next step|下一步"),
        ImportField(name="source", title=_("Source"), headings="lead source|来源|商机来源"),
        ImportField(name="lost_reason", title=_("Why it was lost"), headings="loss reason|lost reason|输单原因"),
        ImportField(name="pipeline", title=_("Pipeline"), headings="sales pipeline|销售流程"),
    ],
)
"""How opportunities are filled from files."""


@operation(IMPORT, title=_("Take over an opportunity"), permission="sales.opportunity.create", effect="create")
def import_opportunity(
    session: CrmSession,
    *,
    customer_id: CustomerId,
    title: Title,
    stage: Annotated[str | None, Input(title=_("Stage"), max_length=120, classified="internal")] = None,
    percent: Annotated[
        str | None, Input(title=_("Probability there (percent)"), max_length=20, classified="internal")
    ] = None,
    amount_minor: Minor | None = None,
    currency: Currency | None = None,
    expected_close: Day | None = None,
    opened_at: Annotated[datetime | None, Input(title=_("Opened at"), classified="internal")] = None,
    closed_at: Annotated[datetime | None, Input(title=_("Closed at"), classified="internal")] = None,
    owner_id: OwnerId | None = None,
    pipeline: PipelineName | None = None,
    next_step: Step | None = None,
    source: Source | None = None,
    lost_reason: ReasonText | None = None,
    external_source: Annotated[str | None, Input(title=_("System"), max_length=60, classified="internal")] = None,
    external_id: Annotated[str | None, Input(title=_("External id"), max_length=200, classified="internal")] = None,
) -> Opportunity:
    """Take over an opportunity with its past: one that is won or lost was closed at ``closed_at``, else on the day on
    which it was expected to close, if that has passed, else now; it was opened then at the latest.

    Raises NotFound for an unknown customer or pipeline, InvalidInput for a stage that says nothing, half an amount, or
    what lies in the future.
    """
    customer = require_customer(session, customer_id)
    version = published(session, pipeline_named(session, pipeline).id)
    wanted = _stage(session, version, stage, _percent(percent))
    check_amount(amount_minor, currency)
    now = session.gate.clock.business_now()
    for name, instant in (("opened_at", opened_at), ("closed_at", closed_at)):
        if instant is not None and instant > now:
            raise InvalidInput([Problem(InvalidInput.code, _("This lies in the future."), field=name)])
    closed = None if wanted.kind == OPEN_KIND else closed_at or min(now, _day_of(session, expected_close) or now)
    opened = min(opened_at or closed or now, closed or now)
    first = next(each for each in stages_of(session, version.id) if each.kind == OPEN_KIND)
    opportunity = Opportunity(
        number=next_number(session, COUNTER),
        customer_id=customer.id,
        owner_id=owner_id or customer.owner_id,
        team_id=customer.team_id,
        title=title,
        pipeline_id=version.pipeline_id,
        version_id=version.id,
        amount_minor=amount_minor,
        currency=currency,
        expected_close=expected_close,
        next_step=cleaned({"next_step": next_step})["next_step"] if closed is None else None,
        source=source,
        external_source=external_source,
        external_id=external_id,
        opened_at=opened,
        reopened=0,
    )
    place(opportunity, wanted if closed is None else first, opened)
    session.add(opportunity)
    note(session, opportunity, "created", since=opened)
    if closed is not None:
        place(opportunity, wanted, closed)
        opportunity.closed_at = closed
        opportunity.lost_reason = lost_reason if wanted.kind == LOST else None
        note(session, opportunity, wanted.kind, since=closed)
        _convert(session, customer, wanted)
    return opportunity


def _convert(session: CrmSession, customer: Customer, stage: Stage) -> None:
    """Make who has bought a customer."""
    if stage.kind == WON and customer.standing == "potential":
        session.run("customer.convert", target=customer)


def _day_of(session: CrmSession, day: date | None) -> datetime | None:
    """Return the beginning of a day in the company's zone."""
    if day is None:
        return None
    zone = ZoneInfo(session.gate.crm.config.get(session).zone)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _percent(said: str | None) -> Decimal | None:
    """Return a number of percent as files have it. Raises InvalidInput for what is none."""
    if said is None or not said.strip():
        return None
    try:
        found = Decimal(said.strip().rstrip("%％").strip().replace(",", "."))
    except InvalidOperation:
        found = Decimal(-1)
    if not 0 <= found <= 100:
        raise InvalidInput([Problem(InvalidInput.code, _("This is no number of percent."), field="percent")])
    return found


def _stage(session: CrmSession, version: PipelineVersion, said: str | None, percent: Decimal | None) -> Stage:
    stages = stages_of(session, version.id)
    word = _plain(said or "")
    named = next((each for each in stages if word and word in (_plain(each.name), _plain(each.title))), None)
    if named is not None:
        return named
    if word in WON_WORDS:
        return won_stage(session, version.id)
    if word in LOST_WORDS:
        return lost_stage(session, version.id)
    open_ones = [each for each in stages if each.kind == OPEN_KIND]
    likely = percent if percent is not None else USUAL.get(word)
    if likely is None:
        if not word:
            return open_ones[0]
        message, hint = (
            _('"{stage}" is no stage that is known here.'),
            _("Say its probability, or use one of {stages}."),
        )
        known = ", ".join(each.name for each in stages)
        raise InvalidInput([Problem(InvalidInput.code, message, field="stage", hint=hint, stage=said, stages=known)])
    reached = [each for each in open_ones if each.probability <= likely]
    return max(reached, key=lambda each: each.probability, default=open_ones[0])


OPERATIONS = [import_opportunity]
