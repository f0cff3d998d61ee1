"""Odoo: the exports of contacts, by labels and by names of fields, in English and Chinese."""

# ruff: noqa: E501

from __future__ import annotations

from crmkit.exchange.systems.model import BOOKKEEPING, COUNTED, DOUBLED, LABEL, NO_PLACE, KnownTable
from crmkit.i18n import texts

_ = texts("crmkit")

PARTNERS = KnownTable(
    system="odoo",
    title="Odoo",
    rows=_("contacts"),
    needs=(
        "Name|name|名称|Display Name|display_name|Complete Name|显示名称|完整名称",
        "Is a company|is_company|Company Type|company_type|是公司|是一家公司|公司类型|Related company|parent_id|关联公司|相关公司",
    ),
    signs="Is a company|is_company|Related company|parent_id|parent_id/id|parent_id/name|Address type|Company Type|company_type|state_id|country_id|category_id|Street2|street2|Salesperson|user_id|Job Position|Internal Reference|External ID|Complete Name|是公司|是一家公司|关联公司|相关公司|地址类型|销售员|内部参考|外部 ID|街道 2|街道2",
    meanings={
        "external_id": "External ID|外部 ID|id",
        "name": "Name|名称",
        "is_company": "Is a company|is_company|是公司|是一家公司",
        "kind": "Company Type|company_type|公司类型",
        "organization": "Related company|Related Company/Name|Related Company/Display Name|parent_id|parent_id/name|Company Name|company_name|关联公司|相关公司|公司名称",
        "organization_ref": "Related Company/External ID|parent_id/id|Related Company/ID|关联公司/外部 ID",
        "street": "Street|街道",
        "street_2": "Street2|Street 2|街道 2",
        "postal_code": "ZIP|Zip|邮编|邮政编码",
        "city": "City|城市",
        "province": "State|state_id|State/State Name|state_id/name|省/州|州/省|省|州",
        "country": "Country|country_id|Country/Country Name|country_id/name|Country/Country Code|国家|国家/地区",
        "email": "Email|电子邮件|邮箱|电邮",
        "phone": "Phone|电话",
        "mobile": "Mobile|手机|移动电话",
        "website": "Website|Website Link|网站|网站链接",
        "job_title": "Job Position|function|工作岗位|职位",
        "salutation": "Title|title|Title/Abbreviation|称谓",
        "registration_number": "Tax ID|vat|税号|税务登记号",
        "language": "Language|lang|语言",
        "time_zone": "Timezone|tz|时区",
        "industry": "Industry|industry_id|行业",
        "tags": "Tags|category_id|category_id/name|Tags/Name|标签",
        "owner_hint": "Salesperson|user_id|Salesperson/Name|Salesperson/Email|销售员|销售人员",
        "custom.Reference": "Reference|Internal Reference|ref|参考|内部参考",
        "custom.Notes": "Notes|comment|Internal Notes|便签|备注|内部备注",
    },
    ignored={
        LABEL: "Address type|type|地址类型",
        DOUBLED: "Display Name|display_name|Complete Name|显示名称|完整名称",
        BOOKKEEPING: "Created on|create_date|Created by|Last Updated on|write_date|Last Updated by|Activities|Activity State|Image|image_1920|Color Index|Creation Date|创建时间|创建人|最后更新时间|最后更新人|图像",
        COUNTED: "Total Receivable|Total Payable|Credit Limit|Customer Rank|Supplier Rank|customer_rank|supplier_rank|Meetings|应收总额|应付总额",
        NO_PLACE: "Bank|Pricelist|Customer Payment Terms|Vendor Payment Terms|Fiscal Position|Company|company_id|公司|Barcode",
    },
    withdrawn={"Active": "false|0|no|否", "active": "false|0|no", "启用": "false|0|否", "有效": "false|0|否"},
)
TABLES = (PARTNERS,)
