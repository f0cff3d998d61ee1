"""HubSpot: the exports of contacts, companies and deals, in English and Chinese."""

# ruff: noqa: E501

from __future__ import annotations

from crmkit.exchange.systems.model import BOOKKEEPING, COUNTED, NO_PLACE, OWN_ID, KnownTable
from crmkit.i18n import texts

_ = texts("crmkit")

_SYSTEM = {"system": "hubspot", "title": "HubSpot"}
_BOOKS = "Create Date|Last Modified Date|Last Activity Date|Last Contacted|Next Activity Date|Owner Assigned Date|Recent Sales Email Opened Date|Became a Lead Date|Became a Customer Date|Became a Subscriber Date|Became an Opportunity Date|Became a Marketing Qualified Lead Date|Became a Sales Qualified Lead Date|Created by user ID|Updated by user ID|Record source|Marketing contact status|Member email|创建日期|上次修改日期|上次活动日期"
_IDS = "Associated Company IDs|Associated Contact IDs|Associated Deal IDs|Associated Contact|Associated Note IDs|HubSpot Team|Owning Teams|Merged record IDs|Merged Contact IDs"
_COUNTS = "Number of Pageviews|Number of Sessions|Number of Form Submissions|Number of Associated Deals|Number of Associated Contacts|Number of times contacted|Number of Sales Activities|Total Revenue|Recent Deal Amount|HubSpot Score|Likelihood to close|Contact priority|Average Pageviews|Time Zone Offset|First Page Seen|Last Page Seen|Time First Seen|Time Last Seen"
_PLACE = {
    "street": "Street Address|街道地址|地址",
    "street_2": "Street Address 2",
    "city": "City|城市|市/县",
    "province": "State/Region|State|省/州|省/自治区/直辖市|省份",
    "postal_code": "Postal Code|Zip|邮政编码|邮编",
    "country": "Country/Region|Country|国家/地区|国家",
}

CONTACTS = KnownTable(
    **_SYSTEM,
    rows=_("contacts"),
    kind="person",
    needs=("Record ID|Contact ID|Record ID - Contact|记录 ID", "First Name|Last Name|Email|名|名字|姓氏|电子邮件"),
    signs="Record ID|Lifecycle Stage|Lead Status|Contact owner|Marketing contact status|Associated Company|Associated Company IDs|Create Date|Original Source|Original Traffic Source|Latest Source|记录 ID|生命周期阶段|潜在客户状态|联系人所有者",
    meanings={
        "external_id": "Record ID|Record ID - Contact|Contact ID|记录 ID",
        "given_name": "First Name|名|名字",
        "family_name": "Last Name|姓|姓氏",
        "salutation": "Salutation|称谓",
        "email": "Email|电子邮件",
        "email_2": "Work email|工作电子邮件",
        "emails": "Additional email addresses|其他电子邮件地址",
        "phone": "Phone Number|电话号码|电话",
        "mobile": "Mobile Phone Number|手机号码|移动电话号码",
        "fax": "Fax Number|传真号码",
        "job_title": "Job Title|职务|职位",
        "organization": "Company Name|Associated Company|Primary Associated Company|公司名称|关联公司|关联的公司",
        "organization_ref": "Associated Company IDs (Primary)|Primary Associated Company ID|Associated Company ID",
        **_PLACE,
        "website": "Website URL|网站网址|网站",
        "birth_date": "Date of birth|出生日期",
        "gender": "Gender|性别",
        "industry": "Industry|行业",
        "lifecycle": "Lifecycle Stage|生命周期阶段",
        "source": "Original Source|Original Traffic Source|Lead Source|原始来源",
        "owner_hint": "Contact owner|Contact owner email|联系人所有者",
        "email_opt_out": "Unsubscribed from all email|已退订所有电子邮件",
        "custom.Lead status": "Lead Status|潜在客户状态",
        "custom.Notes": "Message|留言",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: _IDS,
        COUNTED: _COUNTS,
        NO_PLACE: "Persona|Buying Role|Latest Source|Latest Traffic Source|Original Source Drill-Down 1|Original Source Drill-Down 2|Twitter Followers",
    },
)
COMPANIES = KnownTable(
    **_SYSTEM,
    rows=_("companies"),
    kind="organization",
    needs=("Record ID|Company ID|Record ID - Company|记录 ID", "Company name|Company domain name|Name|公司名称"),
    signs="Record ID|Company owner|Company Domain Name|Number of Associated Contacts|Create Date|Lifecycle Stage|Is Public|Target Account|公司所有者|公司域名|记录 ID",
    meanings={
        "external_id": "Record ID|Record ID - Company|Company ID|记录 ID",
        "name": "Company name|Name|公司名称",
        "website": "Website URL|Company Domain Name|网站网址|公司域名",
        "phone": "Phone Number|电话号码|电话",
        "industry": "Industry|行业",
        "size": "Number of Employees|员工人数|员工数量",
        **_PLACE,
        "lifecycle": "Lifecycle Stage|生命周期阶段",
        "linkedin": "LinkedIn Company Page",
        "organization": "Parent Company|上级公司",
        "owner_hint": "Company owner|公司所有者",
        "source": "Original Source Type|Original Source|Original Traffic Source|原始来源",
        "custom.Annual revenue": "Annual Revenue|年收入",
        "custom.Account type": "Type|类型",
        "custom.Notes": "Description|About Us|描述|说明",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: _IDS,
        COUNTED: _COUNTS,
        NO_PLACE: "Is Public|Target Account|Year Founded|Time Zone|Total Money Raised|Web Technologies|Lead Status",
    },
)
DEALS = KnownTable(
    **_SYSTEM,
    rows=_("deals"),
    resource="deals",
    needs=("Deal Name|交易名称", "Deal Stage|交易阶段"),
    signs="Record ID|Deal owner|Deal Stage|Pipeline|Deal Type|Close Date|Associated Company|Associated Contact|Amount in company currency|交易所有者|交易阶段|渠道",
    meanings={
        "external_id": "Record ID|Deal ID|记录 ID",
        "title": "Deal Name|交易名称",
        "stage": "Deal Stage|交易阶段",
        "amount": "Amount|金额",
        "currency": "Currency|币种|货币",
        "expected_close": "Close Date|结束日期|成交日期",
        "customer_name": "Associated Company|Associated Company (Primary)|关联公司",
        "customer": "Associated Company IDs|Associated Company IDs (Primary)",
        "owner_hint": "Deal owner|交易所有者",
        "next_step": "Next Step",
        "percent": "Deal probability",
        "lost_reason": "Closed Lost Reason",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: "Associated Contact|Associated Contact IDs|Owning Teams|HubSpot Team",
        COUNTED: f"{_COUNTS}|Amount in company currency|Forecast amount|Weighted amount",
        NO_PLACE: "Pipeline|Deal Type|Deal Description|Priority|Closed Won Reason",
    },
)
TABLES = (CONTACTS, COMPANIES, DEALS)
