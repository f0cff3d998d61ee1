"""Zoho CRM: the exports of contacts, accounts, leads and deals, in English and Chinese."""

# ruff: noqa: E501

from __future__ import annotations

from crmkit.exchange.systems.model import BOOKKEEPING, COUNTED, DOUBLED, NO_PLACE, OWN_ID, KnownTable
from crmkit.i18n import texts

_ = texts("crmkit")

_SYSTEM = {"system": "zoho", "title": "Zoho CRM"}
_BOOKS = "Created By|Modified By|Created Time|Modified Time|Last Activity Time|Last Activity|Unsubscribed Mode|Unsubscribed Time|Record Image|Locked|Change Log Time|Layout|Converted Date Time|Is Record Duplicate|Record Status|创建者|修改者|创建时间|修改时间|上次活动时间"
_IDS = "Contact Owner.id|Account Owner.id|Lead Owner.id|Deal Owner.id|Created By.id|Modified By.id|Vendor Name.id|Campaign Source.id|Layout.id|Reporting To.id|Record Owner.id"
_SIGNS = "Record Id|Contact Owner.id|Account Owner.id|Lead Owner.id|Deal Owner.id|Created By.id|Modified By.id|Created Time|Modified Time|Last Activity Time|Tag|Unsubscribed Mode|Locked|上次活动时间|修改者"
_PEOPLE = {
    "salutation": "Salutation|称呼",
    "given_name": "First Name|名",
    "family_name": "Last Name|姓",
    "email": "Email|电子邮件",
    "email_2": "Secondary Email|备用电子邮件|次要电子邮件",
    "phone": "Phone|电话",
    "mobile": "Mobile|手机|移动电话",
    "fax": "Fax|传真",
    "skype": "Skype ID",
    "twitter": "Twitter",
    "email_opt_out": "Email Opt Out|拒收电子邮件|退订电子邮件",
    "source": "Lead Source|线索来源",
    "tags": "Tag|标签",
    "custom.Notes": "Description|描述",
}

CONTACTS = KnownTable(
    **_SYSTEM,
    rows=_("contacts"),
    kind="person",
    needs=(
        "Last Name|Contact Name|姓",
        "Contact Owner|Contact Owner.id|Contact Id|Mailing Zip|Mailing Street|Mailing Address - Street|联系人所有者|邮寄街道|邮寄地址街道",
    ),
    signs=f"{_SIGNS}|Contact Owner|Contact Id|Mailing Zip|Other Zip|Account Name.id|Asst Phone|Skype ID|Secondary Email|联系人所有者|邮寄邮编",
    meanings={
        "external_id": "Record Id|Contact Id|联系人 ID|记录 ID",
        **_PEOPLE,
        "job_title": "Title|职称|职位|职务",
        "organization": "Account Name|客户名称|客户名",
        "organization_ref": "Account Name.id|客户名称.id",
        "home_phone": "Home Phone|住宅电话",
        "other_phone": "Other Phone|其他电话",
        "birth_date": "Date of Birth|出生日期",
        "street": "Mailing Street|Mailing Address - Street|Mailing Address - Street Address|邮寄街道|邮寄地址街道",
        "street_2": "Mailing Address - Flat / House No./ Building / Apartment Name",
        "city": "Mailing City|Mailing Address - City|邮寄城市",
        "province": "Mailing State|Mailing Address - State / Province|邮寄省份|邮寄省/州|邮寄州",
        "postal_code": "Mailing Zip|Mailing Address - Zip / Postal Code|邮寄邮编|邮寄邮政编码",
        "country": "Mailing Country|Mailing Address - Country / Region|邮寄国家|邮寄国家/地区",
        "other_street": "Other Street|Other Address - Street Address|其他街道",
        "other_city": "Other City|其他城市",
        "other_province": "Other State|其他省份|其他州",
        "other_postal_code": "Other Zip|其他邮编",
        "other_country": "Other Country|其他国家",
        "owner_hint": "Contact Owner|联系人所有者",
        "custom.Department": "Department|部门",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: _IDS,
        DOUBLED: "Full Name|Contact Name|全名|联系人姓名",
        NO_PLACE: "Assistant|Asst Phone|Reporting To|Vendor Name|助理|助理电话|上级",
    },
)
ACCOUNTS = KnownTable(
    **_SYSTEM,
    rows=_("accounts"),
    kind="organization",
    needs=(
        "Account Name|客户名称",
        "Account Owner|Account Owner.id|Account Id|Billing Code|Billing Address - Street Address|客户所有者|开票邮编|账单邮编",
    ),
    signs=f"{_SIGNS}|Account Owner|Account Id|Account Site|Account Type|Billing Code|Shipping Code|Parent Account.id|客户所有者|客户类型|账单邮编|送货邮编",
    meanings={
        "external_id": "Record Id|Account Id|客户 ID|记录 ID",
        "name": "Account Name|客户名称",
        "phone": "Phone|电话",
        "fax": "Fax|传真",
        "website": "Website|网站|网址",
        "industry": "Industry|行业",
        "size": "Employees|No. of Employees|员工|员工数",
        "organization": "Parent Account|上级客户|父客户",
        "organization_ref": "Parent Account.id",
        "street": "Billing Street|Billing Address - Street Address|账单街道|开票街道",
        "city": "Billing City|Billing Address - City|账单城市|开票城市",
        "province": "Billing State|Billing Address - State / Province|账单省份|账单州|开票省份",
        "postal_code": "Billing Code|Billing Zip|Billing Address - Zip / Postal Code|账单邮编|开票邮编",
        "country": "Billing Country|Billing Address - Country / Region|账单国家|开票国家",
        "shipping_street": "Shipping Street|Shipping Address - Street Address|送货街道",
        "shipping_city": "Shipping City|Shipping Address - City|送货城市",
        "shipping_province": "Shipping State|Shipping Address - State / Province|送货省份|送货州",
        "shipping_postal_code": "Shipping Code|Shipping Zip|Shipping Address - Zip / Postal Code|送货邮编",
        "shipping_country": "Shipping Country|Shipping Address - Country / Region|送货国家",
        "tags": "Tag|标签",
        "owner_hint": "Account Owner|客户所有者",
        "custom.Account number": "Account Number|客户编号|账号",
        "custom.Account type": "Account Type|客户类型",
        "custom.Annual revenue": "Annual Revenue|年收入",
        "custom.Rating": "Rating|评级",
        "custom.Notes": "Description|描述",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: _IDS,
        NO_PLACE: "Account Site|Ticker Symbol|Ownership|SIC Code|客户网站|股票代码|所有权",
    },
)
LEADS = KnownTable(
    **_SYSTEM,
    rows=_("leads"),
    kind="person",
    needs=(
        "Last Name|Lead Name|姓",
        "Lead Owner|Lead Owner.id|Lead Id|线索所有者",
        "Company|Lead Status|公司|线索状态",
    ),
    signs=f"{_SIGNS}|Lead Id|Lead Owner.id|Lead Owner|Zip Code|No. of Employees|Converted Account|Converted Contact|Skype ID|Secondary Email|线索所有者|线索状态",
    meanings={
        "external_id": "Record Id|Lead Id|线索 ID|记录 ID",
        **_PEOPLE,
        "job_title": "Title|Designation|职称|职位|职务",
        "organization": "Company|公司",
        "website": "Website|网站|网址",
        "industry": "Industry|行业",
        "street": "Street|Address - Street Address|街道",
        "city": "City|Address - City|城市",
        "province": "State|Address - State / Province|省份|州",
        "postal_code": "Zip Code|Address - Zip / Postal Code|邮编|邮政编码",
        "country": "Country|Address - Country / Region|国家",
        "owner_hint": "Lead Owner|线索所有者",
        "custom.Lead status": "Lead Status|线索状态",
        "custom.Rating": "Rating|评级",
    },
    ignored={
        BOOKKEEPING: f"{_BOOKS}|Converted|Lead Conversion Time|Converted Time",
        OWN_ID: f"{_IDS}|Converted Account|Converted Account.id|Converted Contact|Converted Contact.id|Converted Deal|Converted Deal.id",
        DOUBLED: "Full Name|Lead Name|全名|线索姓名",
        NO_PLACE: "Annual Revenue|No. of Employees|年收入|员工数",
    },
)
DEALS = KnownTable(
    **_SYSTEM,
    rows=_("deals"),
    resource="deals",
    needs=("Deal Name|Potential Name|商机名称|交易名称", "Stage|阶段"),
    signs=f"{_SIGNS}|Deal Owner|Deal Owner.id|Potential Owner|Closing Date|Next Step|Expected Revenue|商机所有者",
    meanings={
        "external_id": "Record Id|Deal Id|Potential Id|记录 ID",
        "title": "Deal Name|Potential Name|商机名称|交易名称",
        "customer": "Account Name.id",
        "customer_name": "Account Name|客户名称",
        "stage": "Stage|阶段",
        "amount": "Amount|金额",
        "currency": "Currency|货币|币种",
        "expected_close": "Closing Date|Close Date|结束日期|预计成交日期",
        "owner_hint": "Deal Owner|Potential Owner|商机所有者",
        "next_step": "Next Step",
        "source": "Lead Source",
        "percent": "Probability|Probability (%)|可能性",
        "lost_reason": "Reason For Loss",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: f"{_IDS}|Contact Name.id",
        COUNTED: "Expected Revenue|Sales Cycle Duration|Overall Sales Duration",
        NO_PLACE: "Type|Contact Name|Campaign Source|Description|Exchange Rate|Tag",
    },
)
TABLES = (CONTACTS, ACCOUNTS, LEADS, DEALS)
