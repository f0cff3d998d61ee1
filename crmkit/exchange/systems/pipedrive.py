"""Pipedrive: the exports of people, organisations and deals, whose headings begin with what they are about."""

# ruff: noqa: E501

from __future__ import annotations

from crmkit.exchange.systems.model import BOOKKEEPING, COUNTED, NO_PLACE, OWN_ID, KnownTable
from crmkit.i18n import texts

_ = texts("crmkit")

_SYSTEM = {"system": "pipedrive", "title": "Pipedrive"}


def _of(subject: str, names: str) -> str:
    """Return headings as they stand in an export: behind what they are about, in English or Chinese."""
    prefixes = {
        "Person": ("Person", "联系人", "人员"),
        "Organization": ("Organization", "Organisation", "组织", "机构"),
        "Deal": ("Deal", "交易", "商机"),
    }
    return "|".join(f"{prefix} - {name}" for prefix in prefixes[subject] for name in names.split("|"))


_BOOKS = "Update time|Person created|Organization created|Deal created|Add time|Last activity date|Next activity date|Last email received|Last email sent|Profile picture|Visible to|Won time|Lost time|Deal closed on|Last stage change|Archive time|更新时间|创建时间|上次活动日期|下次活动日期|添加时间|可见范围"
_COUNTS = "Open deals|Closed deals|Won deals|Lost deals|Total activities|Done activities|Activities to do|Email messages count|People|Product quantity|Weighted value|Probability|未完成交易|已关闭交易|活动总数|人员"

PEOPLE = KnownTable(
    **_SYSTEM,
    rows=_("people"),
    kind="person",
    needs=(_of("Person", "Name|First name|Last name|姓名|名称|名|姓"),),
    signs=_of(
        "Person",
        "Name|First name|Last name|Organization|Owner|Email|Email - Work|Email - Home|Phone|Phone - Work|Phone - Mobile|Label|Labels|ID|Open deals|姓名|名称|组织|负责人|所有者|电子邮件|电话|标签",
    ),
    meanings={
        "external_id": _of("Person", "ID"),
        "name": _of("Person", "Name|姓名|名称"),
        "given_name": _of("Person", "First name|名"),
        "family_name": _of("Person", "Last name|姓"),
        "organization": _of("Person", "Organization|组织|机构") + "|" + _of("Organization", "Name|名称"),
        "organization_ref": _of("Person", "Organization ID|Organization - ID|组织 ID")
        + "|"
        + _of("Organization", "ID"),
        "email": _of("Person", "Email - Work|Email|电子邮件 - 工作|电子邮件"),
        "email_2": _of("Person", "Email - Home|电子邮件 - 家庭"),
        "email_3": _of("Person", "Email - Other|电子邮件 - 其他"),
        "mobile": _of("Person", "Phone - Mobile|电话 - 手机"),
        "phone": _of("Person", "Phone|电话"),
        "work_phone": _of("Person", "Phone - Work|电话 - 工作"),
        "home_phone": _of("Person", "Phone - Home|电话 - 家庭"),
        "other_phone": _of("Person", "Phone - Other|电话 - 其他"),
        "job_title": _of("Person", "Job title|职位|职务"),
        "birth_date": _of("Person", "Birthday|生日"),
        "street": _of("Person", "Postal address|Full/combined address of Postal address|Address|地址"),
        "tags": _of("Person", "Label|Labels|标签"),
        "owner_hint": _of("Person", "Owner|负责人|所有者"),
        "email_opt_out": _of("Person", "Marketing opt-out"),
        "custom.Notes": _of("Person", "Notes|备注"),
    },
    ignored={
        BOOKKEEPING: _of("Person", _BOOKS),
        COUNTED: _of("Person", _COUNTS),
        NO_PLACE: _of("Person", "Marketing status|Instant messenger"),
    },
)
ORGANIZATIONS = KnownTable(
    **_SYSTEM,
    rows=_("organisations"),
    kind="organization",
    needs=(_of("Organization", "Name|名称"),),
    signs=_of(
        "Organization",
        "Name|Address|Owner|Label|Labels|ID|People|Open deals|Full/combined address of Address|名称|地址|负责人|所有者|标签",
    ),
    meanings={
        "external_id": _of("Organization", "ID"),
        "name": _of("Organization", "Name|名称"),
        "street": _of("Organization", "Street/road name of Address|Address|地址"),
        "house_number": _of("Organization", "House number of Address"),
        "street_2": _of("Organization", "Apartment/suite no. of Address|Apartment/suite no of Address"),
        "district": _of("Organization", "District/sublocality of Address"),
        "city": _of("Organization", "City/town/village/locality of Address"),
        "province": _of("Organization", "State/county of Address|Region of Address"),
        "country": _of("Organization", "Country of Address"),
        "postal_code": _of("Organization", "ZIP/Postal code of Address"),
        "website": _of("Organization", "Website|网站"),
        "linkedin": _of("Organization", "LinkedIn profile|LinkedIn"),
        "industry": _of("Organization", "Industry|行业"),
        "size": _of("Organization", "Number of employees|Employee count|员工人数"),
        "tags": _of("Organization", "Label|Labels|标签"),
        "owner_hint": _of("Organization", "Owner|负责人|所有者"),
        "custom.Annual revenue": _of("Organization", "Annual revenue|年收入"),
        "custom.Notes": _of("Organization", "Notes|备注"),
    },
    ignored={
        BOOKKEEPING: _of("Organization", _BOOKS),
        COUNTED: _of("Organization", _COUNTS),
        NO_PLACE: _of("Organization", "Full/combined address of Address|Latitude of Address|Longitude of Address"),
    },
)
DEALS = KnownTable(
    **_SYSTEM,
    rows=_("deals"),
    resource="deals",
    needs=(_of("Deal", "Title|标题|名称"), _of("Deal", "Stage|Status|Value|阶段|状态|价值")),
    signs=_of(
        "Deal",
        "Title|Value|Currency|Organization|Contact person|Stage|Status|Pipeline|Owner|ID|Expected close date|标题|阶段|状态",
    ),
    meanings={
        "external_id": _of("Deal", "ID"),
        "title": _of("Deal", "Title|标题|名称"),
        "customer_name": _of("Deal", "Organization|Contact person|组织|联系人"),
        "customer": _of("Deal", "Organization ID"),
        "stage": _of("Deal", "Status|Stage|状态|阶段"),
        "amount": _of("Deal", "Value|价值|金额"),
        "currency": _of("Deal", "Currency|Currency of Value|币种|货币"),
        "expected_close": _of("Deal", "Expected close date|预计结束日期|预计成交日期"),
        "owner_hint": _of("Deal", "Owner|负责人|所有者"),
        "lost_reason": _of("Deal", "Lost reason"),
    },
    ignored={
        BOOKKEEPING: _of("Deal", _BOOKS),
        COUNTED: _of("Deal", _COUNTS),
        NO_PLACE: _of("Deal", "Pipeline|Label|Labels|Source channel|Source origin|管道"),
        OWN_ID: _of("Deal", "Contact person ID|Creator"),
    },
)
TABLES = (PEOPLE, ORGANIZATIONS, DEALS)
