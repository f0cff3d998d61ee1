"""Salesforce: what its Data Loader exports (names of the API) and its reports (labels), in English and Chinese."""

# Each line of the tables holds all headings of one field.
# ruff: noqa: E501

from __future__ import annotations

from crmkit.exchange.systems.model import BOOKKEEPING, COUNTED, DOUBLED, NO_PLACE, OWN_ID, KnownTable
from crmkit.i18n import texts

_ = texts("crmkit")

_SYSTEM = {"system": "salesforce", "title": "Salesforce"}
_API = "IsDeleted|SystemModstamp|CreatedById|LastModifiedById|LastModifiedDate|CreatedDate|OwnerId|MasterRecordId|LastActivityDate|LastViewedDate|LastReferencedDate"
_BOOKS = "IsDeleted|SystemModstamp|CreatedDate|LastModifiedDate|LastActivityDate|LastViewedDate|LastReferencedDate|Created Date|Last Modified Date|Last Activity|Created By|Last Modified By|Created By Alias|Last Modified Alias|Photo Url|Is Email Bounced|EmailBouncedReason|EmailBouncedDate|Jigsaw|JigsawContactId|JigsawCompanyId|CleanStatus|Clean Status|创建日期|最后修改日期|创建人|上次修改人|最近活动"
_IDS = "MasterRecordId|OwnerId|CreatedById|LastModifiedById|ReportsToId|RecordTypeId|Record Type ID|CampaignId|PricebookId|Pricebook2Id|IndividualId|DandbCompanyId|OperatingHoursId"
_STATE = {"IsDeleted": "true|1|yes", "Deleted": "true|1|yes", "Is Deleted": "true|1|yes"}
_ADDRESSES = {
    "shipping_street": "ShippingStreet|Shipping Street|Shipping Address Line 1|发运街道|送货地址街道",
    "shipping_city": "ShippingCity|Shipping City|发运城市",
    "shipping_province": "ShippingState|Shipping State|Shipping State/Province|发运省/自治区/直辖市",
    "shipping_postal_code": "ShippingPostalCode|Shipping Zip/Postal Code|发运邮政编码",
    "shipping_country": "ShippingCountry|Shipping Country|发运国家/地区",
    "street": "BillingStreet|Billing Street|Billing Address Line 1|MailingStreet|Mailing Street|Mailing Address Line 1|Street|开单街道|开票街道|邮寄街道|街道",
    "city": "BillingCity|Billing City|MailingCity|Mailing City|City|开单城市|邮寄城市|城市",
    "province": "BillingState|Billing State|Billing State/Province|MailingState|Mailing State|Mailing State/Province|State|State/Province|开单省/自治区/直辖市|邮寄省/自治区/直辖市|省/自治区/直辖市",
    "postal_code": "BillingPostalCode|Billing Zip/Postal Code|MailingPostalCode|Mailing Zip/Postal Code|PostalCode|Zip/Postal Code|开单邮政编码|邮寄邮政编码|邮政编码",
    "country": "BillingCountry|Billing Country|MailingCountry|Mailing Country|Country|开单国家/地区|邮寄国家/地区|国家/地区",
    "other_street": "OtherStreet|Other Street|其他街道",
    "other_city": "OtherCity|Other City|其他城市",
    "other_province": "OtherState|Other State|Other State/Province|其他省/自治区/直辖市",
    "other_postal_code": "OtherPostalCode|Other Zip/Postal Code|其他邮政编码",
    "other_country": "OtherCountry|Other Country|其他国家/地区",
}
_PEOPLE = {
    "salutation": "Salutation|称谓|称呼",
    "given_name": "FirstName|First Name|名|名字",
    "middle_name": "MiddleName|Middle Name",
    "family_name": "LastName|Last Name|姓|姓氏",
    "job_title": "Title|职务|职位",
    "email": "Email|电子邮件",
    "phone": "Phone|Business Phone|电话|业务电话",
    "mobile": "MobilePhone|Mobile|Mobile Phone|手机",
    "fax": "Fax|Business Fax|传真",
    "email_opt_out": "HasOptedOutOfEmail|Email Opt Out|选择不接收电子邮件|退出电子邮件",
    "phone_opt_out": "DoNotCall|Do Not Call|请勿致电|谢绝来电",
    "source": "LeadSource|Lead Source|潜在客户来源",
    "custom.Notes": "Description|描述|说明",
}

CONTACTS = KnownTable(
    **_SYSTEM,
    rows=_("contacts"),
    kind="person",
    needs=(
        "LastName|Last Name|姓|姓氏",
        "MailingStreet|Mailing Street|MailingCity|Mailing City|Mailing Zip/Postal Code|AccountId|Account ID|Contact ID|Asst. Phone|邮寄街道|邮寄城市|联系人 ID",
    ),
    signs=f"{_API}|Asst. Phone|AssistantPhone|AssistantName|Mailing Zip/Postal Code|Mailing State/Province|MailingPostalCode|ReportsToId|HasOptedOutOfEmail|Email Opt Out|Contact ID|Contact Owner Alias|邮寄邮政编码|邮寄省/自治区/直辖市|联系人所有人|助理电话",
    meanings={
        "external_id": "Id|Contact ID|联系人 ID",
        **_ADDRESSES,
        **_PEOPLE,
        "organization_ref": "AccountId|Account ID|客户 ID",
        "organization": "Account Name|Account|客户名|客户名称",
        "owner_hint": "Contact Owner|Owner|Owner Email|Contact Owner Email|联系人所有人",
        "home_phone": "HomePhone|Home Phone|住宅电话",
        "other_phone": "OtherPhone|Other Phone|其他电话",
        "birth_date": "Birthdate|生日|出生日期",
        "custom.Department": "Department|部门",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: _IDS,
        DOUBLED: "Name|Full Name|Owner Alias|Contact Owner Alias",
        NO_PLACE: "AssistantName|Assistant|Assistant's Name|AssistantPhone|Asst. Phone|Assistant Phone|Reports To|HasOptedOutOfFax|Fax Opt Out|助理|助理电话|直属上司",
    },
    withdrawn=_STATE,
)
ACCOUNTS = KnownTable(
    **_SYSTEM,
    rows=_("accounts"),
    kind="organization",
    needs=(
        "Name|Account Name|客户名|客户名称",
        "BillingStreet|BillingCity|Billing Street|Billing City|Billing Zip/Postal Code|开单街道|开单城市",
    ),
    signs=f"{_API}|NumberOfEmployees|TickerSymbol|Ticker Symbol|SIC Code|Sic|AccountNumber|ParentId|Billing Zip/Postal Code|Billing State/Province|BillingPostalCode|Account ID|Account Owner Alias|开单邮政编码|客户所有人|股票代码",
    meanings={
        "external_id": "Id|Account ID|客户 ID",
        "name": "Name|Account Name|客户名|客户名称",
        **_ADDRESSES,
        "organization_ref": "ParentId|Parent Account ID",
        "organization": "Parent Account|上级客户",
        "phone": "Phone|电话",
        "fax": "Fax|传真",
        "website": "Website|网站",
        "industry": "Industry|行业",
        "size": "NumberOfEmployees|Employees|员工数|雇员",
        "source": "AccountSource|Account Source|客户来源",
        "owner_hint": "Account Owner|Owner|客户所有人",
        "custom.Account number": "AccountNumber|Account Number|客户编号",
        "custom.Account type": "Type|类型",
        "custom.Annual revenue": "AnnualRevenue|Annual Revenue|年收入",
        "custom.Rating": "Rating|分级|评级",
        "custom.Notes": "Description|描述|说明",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: _IDS,
        NO_PLACE: "Sic|SIC Code|SicDesc|SIC Description|Ownership|TickerSymbol|Ticker Symbol|Site|Account Site|NaicsCode|NAICS Code|DunsNumber|Tradestyle|YearStarted|所有权|股票代码|客户地点",
        DOUBLED: "Account Owner Alias|Owner Alias",
    },
    withdrawn=_STATE,
)
LEADS = KnownTable(
    **_SYSTEM,
    rows=_("leads"),
    kind="person",
    needs=(
        "LastName|Last Name|姓|姓氏",
        "Company|Company / Account|公司|公司/客户",
        "Status|Lead Status|IsConverted|潜在客户状态",
    ),
    signs=f"{_API}|IsConverted|ConvertedDate|ConvertedAccountId|ConvertedContactId|ConvertedOpportunityId|IsUnreadByOwner|Company / Account|Lead ID|Lead Owner Alias|Lead Owner|Lead Status|潜在客户状态|潜在客户所有人",
    meanings={
        "external_id": "Id|Lead ID|潜在客户 ID",
        **_ADDRESSES,
        **_PEOPLE,
        "organization": "Company|Company / Account|公司|公司/客户",
        "website": "Website|网站",
        "industry": "Industry|行业",
        "owner_hint": "Lead Owner|Owner|潜在客户所有人",
        "custom.Lead status": "Status|Lead Status|潜在客户状态",
        "custom.Rating": "Rating|分级|评级",
    },
    ignored={
        BOOKKEEPING: f"{_BOOKS}|IsUnreadByOwner|Unread By Owner|IsConverted|Converted|ConvertedDate|Converted Date",
        OWN_ID: f"{_IDS}|ConvertedAccountId|ConvertedContactId|ConvertedOpportunityId",
        DOUBLED: "Name|Full Name|Lead Owner Alias",
        NO_PLACE: "AnnualRevenue|Annual Revenue|NumberOfEmployees|No. of Employees|年收入|员工数",
    },
    withdrawn=_STATE,
)
OPPORTUNITIES = KnownTable(
    **_SYSTEM,
    rows=_("opportunities"),
    resource="deals",
    needs=("Name|Opportunity Name|业务机会名称", "StageName|Stage|阶段", "CloseDate|Close Date|结束日期"),
    signs="StageName|IsWon|IsClosed|ForecastCategory|ForecastCategoryName|HasOpportunityLineItem|FiscalQuarter|FiscalYear|TotalOpportunityQuantity|Opportunity Name|Opportunity Owner|Fiscal Period|Probability (%)|Opportunity ID|业务机会名称|业务机会所有人",
    meanings={
        "external_id": "Id|Opportunity ID",
        "title": "Name|Opportunity Name|业务机会名称",
        "customer": "AccountId|Account ID",
        "customer_name": "Account Name|客户名|客户名称",
        "stage": "StageName|Stage|阶段",
        "amount": "Amount|金额",
        "currency": "CurrencyIsoCode|Amount Currency",
        "expected_close": "CloseDate|Close Date|结束日期",
        "owner_hint": "Opportunity Owner|Owner|业务机会所有人",
        "next_step": "NextStep|Next Step",
        "source": "LeadSource|Lead Source",
        "opened_at": "CreatedDate|Created Date",
        "percent": "Probability|Probability (%)",
        "lost_reason": "Loss Reason",
    },
    ignored={
        BOOKKEEPING: f"{_BOOKS}|Age",
        OWN_ID: _IDS,
        COUNTED: "ExpectedRevenue|Expected Revenue|IsClosed|IsWon|Closed|Won|ForecastCategory|ForecastCategoryName|Forecast Category|Fiscal|FiscalQuarter|FiscalYear|Fiscal Period|TotalOpportunityQuantity|HasOpportunityLineItem",
        NO_PLACE: "Type|Description|Owner Role",
    },
    withdrawn=_STATE,
)
TABLES = (CONTACTS, ACCOUNTS, LEADS, OPPORTUNITIES)
