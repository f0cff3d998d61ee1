"""Lists of leads out of files, such as of a fair: each row is an inquiry, and settled as any other.

Must not settle anything itself.
"""

from __future__ import annotations

from crmkit import ImportField, Imports, texts

_ = texts("crmkit_sales")

IMPORTS = Imports(
    operation="sales.inquiry.import",
    known=(("external_source", "external_id"),),
    fields=[
        ImportField(name="external_id", title=_("Id at the sender"), headings="id|lead id|record id|编号|线索编号"),
        ImportField(name="name", title=_("Name"), headings="full name|contact|lead name|姓名|名称|联系人|线索名称"),
        ImportField(name="email", title=_("E-mail"), headings="email address|e-mail|mail|邮箱|电子邮件|邮件"),
        ImportField(name="phone", title=_("Telephone"), headings="phone number|mobile|telephone|电话|手机|手机号"),
        ImportField(name="company", title=_("Company"), headings="company name|organization|公司|公司名称"),
        ImportField(name="job_title", title=_("Job title"), headings="title|position|职务|职位"),
        ImportField(name="city", title=_("City"), headings="town|城市"),
        ImportField(name="country", title=_("Country"), headings="country/region|国家|国家/地区"),
        ImportField(name="need", title=_("Need"), headings="description|message|notes|comment|需求|备注|描述"),
        ImportField(name="source", title=_("Source"), headings="lead source|来源|线索来源"),
        ImportField(name="campaign", title=_("Campaign"), headings="campaign name|utm campaign|活动|市场活动"),
        ImportField(name="intent", title=_("Intent"), headings="意向"),
        ImportField(name="ability", title=_("Ability to pay"), headings="支付能力"),
        ImportField(name="timing", title=_("Timing"), headings="时间"),
        ImportField(name="budget", title=_("Budget"), type="money", headings="预算"),
        ImportField(name="currency", title=_("Currency"), headings="currency code|币种|货币"),
        ImportField(name="consents", title=_("Consent"), type="list", headings="consent|opt in|授权同意"),
        ImportField(name="queue", title=_("Queue"), headings="队列"),
    ],
)
"""How inquiries are filled from files."""
