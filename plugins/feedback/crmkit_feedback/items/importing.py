"""Reviews and posts of other places, taken over from files, many at once.

No text is given to anybody by this: themes and sentiment are found afterwards. Must not know how a file is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Customer, ImportField, Imports, Input, NotFound, new_id, operation, texts
from crmkit_feedback.items import inputs
from crmkit_feedback.items.history import problem
from crmkit_feedback.items.many import write_many
from crmkit_feedback.items.models import Feedback
from crmkit_feedback.items.scoring import band_of
from crmkit_feedback.items.taking import check
from crmkit_feedback.items.words import SOURCES

_ = texts("crmkit_feedback")

IMPORT = "feedback.feedback.import"
CHUNK = 1000
SOURCE_WORDS = {
    "review": ("reviews", "rating", "评价", "评论", "点评"),
    "social": ("social media", "post", "weibo", "wechat", "douyin", "xiaohongshu", "社交", "社交媒体", "微博"),
    "mail": ("email", "e-mail", "邮件"),
    "call": ("phone", "telephone", "电话", "回访"),
    "note": ("staff", "备注"),
    "api": ("system", "系统"),
    "survey": ("questionnaire", "问卷", "调查"),
    "case": ("ticket", "工单"),
}
METRIC_WORDS = {"nps": "nps", "csat": "csat", "ces": "ces", "stars": "stars", "star": "stars", "星级": "stars"}
IMPORTS = Imports(
    operation=IMPORT,
    customer="optional",
    known=(("external_source", "external_id"),),
    holds="reviews|feedback|social posts|评价|评论",
    fields=[
        ImportField(name="external_id", title=_("External id"), headings="review id|post id|id|编号|评价编号"),
        ImportField(name="source", title=_("Source"), headings="type|来源|类型"),
        ImportField(name="channel", title=_("Channel"), headings="platform|site|渠道|平台"),
        ImportField(name="item", title=_("About what"), headings="product|place|subject|商品|产品|门店|对象"),
        ImportField(name="score", title=_("Score"), type="decimal", headings="rating|stars|评分|星级|得分|打分"),
        ImportField(name="metric", title=_("Measure"), headings="scale|指标"),
        ImportField(
            name="verbatim", title=_("What was said"), headings="text|review|comment|body|内容|评价内容|评论|文本"
        ),
        ImportField(name="language", title=_("Language"), headings="lang|locale|语言"),
        ImportField(name="touchpoint", title=_("Touchpoint"), headings="stage|触点"),
        ImportField(
            name="received_at", title=_("Received at"), type="instant", headings="date|posted at|created at|日期|时间"
        ),
    ],
)
"""How feedback is filled from files."""


@attrs.frozen(kw_only=True)
class PastFeedback:
    """A review or a post as another place has it. Without a measure a score counts in stars; ``received_at`` is an
    instant (UTC), now without it."""

    external_source: inputs.System | None = None
    external_id: inputs.ExternalId | None = None
    customer_id: inputs.CustomerId | None = None
    source: Annotated[str, Input(title=_("Source"), max_length=40, classified="internal")] = "review"
    channel: inputs.Channel = ""
    item: inputs.About = ""
    score: Annotated[Decimal | None, Input(title=_("Score"), classified="internal")] = None
    metric: Annotated[str, Input(title=_("Measure"), max_length=20, classified="internal")] = ""
    verbatim: inputs.Verbatim = ""
    language: inputs.Language = ""
    touchpoint: inputs.Touchpoint = ""
    received_at: inputs.Instant | None = None


def import_many(session: CrmSession, items: Sequence[PastFeedback]) -> list[Feedback | CrmkitError]:
    """Take feedback over, and return each, or the error for which it was not taken. What was taken over before
    under its system and external id is returned as it is."""
    taking = _Taking(session, items)
    answers: list[Feedback | CrmkitError] = []
    for item in items:
        try:
            answers.append(taking.take(item))
        except CrmkitError as error:
            answers.append(error)
    taking.write()
    return answers


@operation(IMPORT, title=_("Take feedback over"), permission=IMPORT, effect="create", bulk=import_many)
def import_feedback(session: CrmSession, past: PastFeedback) -> Feedback:
    """Take a review or a post over, once for its external id.

    Raises NotFound for a customer that there is not, InvalidInput for a source or measure that is not known, a score
    that is no whole number or beside its limits, or a row with neither a text nor a score.
    """
    (answer,) = import_many(session, [past])
    if isinstance(answer, CrmkitError):
        raise answer
    return answer


class _Taking:
    """One batch on its way to rows."""

    def __init__(self, session: CrmSession, items: Sequence[PastFeedback]) -> None:
        self.session = session
        self.now: datetime = session.gate.clock.business_now()
        self.fresh: list[Feedback] = []
        self.customers: dict[UUID, Customer] = {}
        self.known: dict[tuple[str, str], Feedback] = {}
        ids = list({each.customer_id for each in items if each.customer_id is not None})
        for start in range(0, len(ids), CHUNK):
            query = select(Customer).where(Customer.id.in_(ids[start : start + CHUNK]), Customer.deleted_at.is_(None))
            self.customers.update((each.id, each) for each in session.scalars(query))
        named = sorted({each.external_id for each in items if each.external_id is not None})
        for start in range(0, len(named), CHUNK):
            for each in session.scalars(select(Feedback).where(Feedback.external_id.in_(named[start : start + CHUNK]))):
                self.known[(each.external_source or "", each.external_id or "")] = each

    def take(self, past: PastFeedback) -> Feedback:
        """Make the feedback of an item. Raises what `import_feedback` does."""
        key = (past.external_source or "", past.external_id or "")
        if past.external_id is not None and key in self.known:
            return self.known[key]
        customer = self.customers.get(past.customer_id) if past.customer_id is not None else None
        if customer is None and past.customer_id is not None:
            raise NotFound(_("There is no customer {id}."), id=past.customer_id)
        source, metric = _source(past.source), None
        score = _whole(past.score)
        if score is not None:
            metric = METRIC_WORDS.get(past.metric.strip().casefold() or "stars", past.metric)
        if score is None and not past.verbatim.strip():
            raise problem("verbatim", _("Say what was said, or give a score."))
        external = past.external_source if past.external_id is not None else None
        check(source, metric, score, None, external, past.external_id)
        at = past.received_at or self.now
        feedback = Feedback(
            id=new_id(),
            source=source,
            channel=past.channel or None,
            customer_id=past.customer_id,
            item=" ".join(past.item.split()) or None,
            touchpoint=past.touchpoint or None,
            verbatim=past.verbatim.strip() or None,
            language=past.language or None,
            metric=metric,
            score=score,
            band=band_of(metric, score),
            received_at=at,
            loop=False,
            state="new",
            state_since=at,
            owner_id=None,
            team_id=customer.team_id if customer is not None else None,
            reopened=0,
            attributes={},
            external_source=external,
            external_id=past.external_id,
        )
        self.fresh.append(feedback)
        if past.external_id is not None:
            self.known[key] = feedback
        return feedback

    def write(self) -> None:
        """Write the rows of what was taken, and let the loop begin for what is recent."""
        write_many(self.session, self.fresh)


def _source(said: str) -> str:
    word = said.strip().casefold()
    if word in SOURCES:
        return word
    found = next((name for name, words in SOURCE_WORDS.items() if word in words), None)
    if found is None:
        raise problem("source", _('There is no source "{name}".'), name=said)
    return found


def _whole(score: Decimal | None) -> int | None:
    if score is None:
        return None
    if score != score.to_integral_value():
        raise problem("score", _("The score is a whole number."))
    return int(score)


OPERATIONS = [import_feedback]
