"""Messy files as other systems export them: real headings, invented people.

Each has what such files bring along in practice: marks, other encodings and separators, a title above the headings,
dates of several forms, headings twice, cells behind the last one, deleted rows, owners who are unknown here.
"""

# Each line of the files stands as it does there.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class Foreign:
    """One export: its bytes, what it is recognised as, what becomes of its rows, and what one of them holds."""

    name: str
    content: bytes
    system: str
    rows: str
    created: int
    rejected: int = 0
    kind: str = "person"
    of: str = ""
    """Name of the customer that is looked at."""
    fields: Mapping[str, object] = field(factory=dict[str, object])
    points: tuple[tuple[str, str], ...] = ()
    external_id: str = ""
    organization: str | None = None
    ignored: tuple[str, ...] = ()


def _csv(*lines: str, mark: str = ",", ending: str = "\r\n") -> str:
    return ending.join(line.replace("|", mark) for line in lines) + ending


SALESFORCE_CONTACTS = Foreign(
    name="contacts.csv",
    content=_csv(
        '"ID"|"ISDELETED"|"ACCOUNTID"|"LASTNAME"|"FIRSTNAME"|"SALUTATION"|"NAME"|"MAILINGSTREET"|"MAILINGCITY"|"MAILINGPOSTALCODE"|"MAILINGCOUNTRY"|"PHONE"|"MOBILEPHONE"|"EMAIL"|"TITLE"|"BIRTHDATE"|"HASOPTEDOUTOFEMAIL"|"OWNERID"|"CREATEDDATE"|"SYSTEMMODSTAMP"',
        '"003A1"|"false"|"001A1"|"García"|"Inés"|"Ms."|"Inés García"|"Calle Mayor 5"|"Madrid"|"28013"|"Spain"|"+34 91 411 11 11"|""|"ines@example.com"|"CFO"|"1980-02-29"|"true"|"005X"|"2020-01-01T00:00:00.000Z"|"2020-01-01T00:00:00.000Z"',
        '"003A2"|"true"|""|"Gone"|"Gus"|""|"Gus Gone"|""|""|""|""|""|""|"gus@example.com"|""|""|"false"|"005X"|"2020-01-01T00:00:00.000Z"|"2020-01-01T00:00:00.000Z"',
    ).encode("cp1252"),
    system="salesforce",
    rows="contacts",
    created=1,
    rejected=1,
    of="Inés García",
    fields={"job_title": "CFO", "city": "Madrid", "country": "ES", "salutation": "Ms."},
    points=(("email", "ines@example.com"), ("phone", "+34914111111")),
    external_id="003A1",
    ignored=("ISDELETED", "NAME", "OWNERID", "CREATEDDATE", "SYSTEMMODSTAMP"),
)
SALESFORCE_REPORT = Foreign(
    name="report.csv",
    content=_csv(
        "Salutation|First Name|Last Name|Title|Account Name|Mailing Street|Mailing City|Mailing Zip/Postal Code|Mailing Country|Phone|Mobile|Email|Email Opt Out|Do Not Call|Lead Source|Birthdate|Assistant|Asst. Phone||",
        'Mr.|Bo|Li|Buyer|"Acme, Inc."|1 Main St|Austin|73301|United States|(512) 474-1234||bo@example.com|1|0|Web|12/31/1979|Kim|x||',
    ).encode("utf-8-sig"),
    system="salesforce",
    rows="contacts",
    created=1,
    of="Bo Li",
    fields={"job_title": "Buyer", "city": "Austin"},
    points=(("email", "bo@example.com"), ("phone", "+15124741234")),
    organization="Acme, Inc.",
    ignored=("Assistant", "Asst. Phone"),
)
SALESFORCE_LEADS = Foreign(
    name="leads.csv",
    content=_csv(
        "Lead ID|Last Name|First Name|Company / Account|Email|Phone|Lead Status|Lead Owner|Street|City|State/Province|Country|Created Date",
        "00Q1|Núñez|Eva|Sol SA|eva@example.com||Open - Not Contacted|Nobody Known|Gran Vía 1|Bilbao||Spain|01/02/2024",
    ).encode(),
    system="salesforce",
    rows="leads",
    created=1,
    of="Eva Núñez",
    fields={"city": "Bilbao"},
    external_id="00Q1",
    organization="Sol SA",
)
SALESFORCE_CHINESE = Foreign(
    name="客户.csv",
    content=_csv(
        "客户 ID|客户名|类型|客户所有人|开单街道|开单城市|开单省/自治区/直辖市|开单邮政编码|开单国家/地区|电话|网站|行业|员工数|描述",
        "001C1|宏远科技有限公司|Customer|李四|延安路1号|上海|上海市|200001|中国|021-62881234|www.example.cn|软件|120|重点客户",
    ).encode("gb18030"),
    system="salesforce",
    rows="accounts",
    created=1,
    kind="organization",
    of="宏远科技有限公司",
    fields={"city": "上海", "size": 120, "industry": "软件"},
    points=(("phone", "+862162881234"),),
    external_id="001C1",
)
HUBSPOT_CONTACTS = Foreign(
    name="hubspot-crm-exports-all-contacts.csv",
    content=_csv(
        "Record ID|First Name|Last Name|Email|Phone Number|Contact owner|Lifecycle Stage|Lead Status|Create Date|Associated Company|Country/Region|Number of Pageviews|Unsubscribed from all email",
        "551|Zoë|Ng|zoe@example.com|+65 6221 1234|Someone Else|Marketing Qualified Lead|NEW|2024-02-30 10:00|Lion Pte|Singapore|12|true",
        "552|Max|Om|max@example.com||ada@example.org|Customer|||Lion Pte|||false",
        "553||||||||||||",
    ).encode("utf-8-sig"),
    system="hubspot",
    rows="contacts",
    created=2,
    rejected=1,
    of="Max Om",
    fields={"standing": "customer"},
    external_id="552",
    organization="Lion Pte",
    ignored=("Create Date", "Number of Pageviews"),
)
HUBSPOT_COMPANIES = Foreign(
    name="hubspot-companies.csv",
    content=_csv(
        "Record ID|Company name|Website URL|Company owner|Create Date|City|Industry|Number of Employees|Annual Revenue|Lifecycle Stage",
        "91|Müller & Söhne KG|https://mueller.example|x|2024-05-01 10:12|Köln|MACHINERY|1200|5000000|lead",
    ).encode(),
    system="hubspot",
    rows="companies",
    created=1,
    kind="organization",
    of="Müller & Söhne KG",
    fields={"city": "Köln", "website": "https://mueller.example", "standing": "potential"},
    external_id="91",
)
ZOHO_CONTACTS = Foreign(
    name="Contacts_001.csv",
    content=_csv(
        "Record Id|Contact Owner.id|Contact Owner|Lead Source|First Name|Last Name|Account Name.id|Account Name|Email|Title|Phone|Mobile|Email Opt Out|Created By.id|Created Time|Tag|Secondary Email|Mailing Street|Mailing City|Mailing Zip|Mailing Country|Description|Description",
        'zcrm_1|zcrm_9|Ada|Advertisement|Amélie|Roy|zcrm_5|Boulangerie Roy|amelie@example.com|Gérante|01 42 68 53 00|06 12 34 56 78|true|zcrm_9|2024-01-31 09:00:00|vip;paris|a.roy@example.com|"12 rue X\nBât. B"|Paris|75001|France|note|other',
    ).encode("cp1252"),
    system="zoho",
    rows="contacts",
    created=1,
    of="Amélie Roy",
    fields={"city": "Paris", "country": "FR"},
    points=(("email", "amelie@example.com"), ("phone", "+33612345678"), ("email", "a.roy@example.com")),
    external_id="zcrm_1",
    organization="Boulangerie Roy",
    ignored=("Contact Owner.id", "Created By.id", "Created Time"),
)
ZOHO_LEADS = Foreign(
    name="Leads.csv",
    content=_csv(
        "Lead Id;Lead Owner;Company;First Name;Last Name;Title;Email;Phone;Lead Source;Lead Status;Zip Code;City;Country;Modified Time",
        "L-1;Ada;Bäckerei Ost;Uwe;Groß;Chef;uwe@example.de;030 2093 0;Messe;Contacted;04109;Leipzig;Germany;2024-05-01 10:00:00",
    ).encode(),
    system="zoho",
    rows="leads",
    created=1,
    of="Uwe Groß",
    fields={"city": "Leipzig", "country": "DE"},
    external_id="L-1",
    organization="Bäckerei Ost",
)
FXIAOKE_CUSTOMERS = Foreign(
    name="客户导出.csv",
    content=_csv(
        "客户导出 2024年5月|||||||||||||",
        "唯一性ID（必填）|客户名称（必填）|客户级别|客户来源|成交状态|省|市|区|详细地址|电话|1级行业|负责人（必填）|负责人所在部门|生命状态",
        "5f01|杭州云栖科技有限公司|重点客户|展会|已成交|浙江省|杭州市|西湖区|文三路 90 号|0571-88881234|软件|张三|销售一部|正常",
        "5f02|已作废公司|普通客户|网络|未成交|浙江省|宁波市||||||销售一部|作废",
    ).encode("gb18030"),
    system="fxiaoke",
    rows="customers",
    created=1,
    rejected=1,
    kind="organization",
    of="杭州云栖科技有限公司",
    fields={"province": "浙江省", "city": "杭州市", "standing": "customer", "industry": "软件"},
    points=(("phone", "+8657188881234"),),
    external_id="5f01",
    ignored=("负责人所在部门", "生命状态"),
)
FXIAOKE_CONTACTS = Foreign(
    name="联系人.csv",
    content=_csv(
        "唯一性ID\t姓名\t客户名称\t职务\t部门\t手机1\t电话1\t邮件\t性别\t生日\t关键决策人\t负责人\t业务类型\t创建时间",
        "6a01\t欧阳娜娜\t杭州云栖科技有限公司\t采购经理\t采购部\t138 0013 8000\t0571-88881235\tnana@example.cn\t女\t1990年2月3日\t是\t张三\t预设业务类型\t2024-05-01 10:00",
    ).encode("utf-16"),
    system="fxiaoke",
    rows="contacts",
    created=1,
    of="欧阳娜娜",
    fields={"job_title": "采购经理", "gender": "female"},
    points=(("email", "nana@example.cn"), ("phone", "+8613800138000")),
    external_id="6a01",
    organization="杭州云栖科技有限公司",
    ignored=("关键决策人", "业务类型", "创建时间"),
)
ODOO = Foreign(
    name="res.partner.csv",
    content=_csv(
        "id|name|is_company|parent_id|parent_id/id|street|street2|zip|city|country_id|email|phone|function|category_id|user_id|active",
        '__export__.p1|Nordlicht GmbH|True|||Hafenstr. 3|Hinterhaus|20457|Hamburg|Germany||+49 40 123456||"Kunde, B2B"|Mitchell Admin|True',
        "__export__.p2|Jörg Petersen|False|Nordlicht GmbH|__export__.p1||||||jp@example.de||Einkauf|||True",
        "__export__.p3|Archived Co|True||||||||||||Mitchell Admin|False",
    ).encode(),
    system="odoo",
    rows="contacts",
    created=2,
    rejected=1,
    of="Jörg Petersen",
    fields={"job_title": "Einkauf"},
    external_id="__export__.p2",
    organization="Nordlicht GmbH",
)
ODOO_CHINESE = Foreign(
    name="联系人 (res.partner).csv",
    content=_csv(
        "外部 ID|名称|是一家公司|关联公司|街道|街道 2|邮编|城市|国家|电子邮件|电话|职位|标签|销售员",
        "__export__.c1|李雷|否|晨光公司|中山路 5 号|3 楼|510000|广州|中国|lilei@example.cn||采购|重点|王经理",
    ).encode("utf-8-sig"),
    system="odoo",
    rows="contacts",
    created=1,
    of="李雷",
    fields={"city": "广州", "job_title": "采购"},
    external_id="__export__.c1",
    organization="晨光公司",
)
PIPEDRIVE_PEOPLE = Foreign(
    name="people-1.csv",
    content=_csv(
        "Person - ID|Person - Name|Person - Label|Person - Organization|Person - Phone - Work|Person - Phone - Mobile|Person - Email - Work|Person - Email - Home|Person - Owner|Person - Open deals|Person - Update time",
        '17|Søren Kjær|"Hot lead, Partner"|Havn ApS|+45 33 12 12 12|+45 20 12 34 56|soren@example.dk|s@example.dk|Ada|3|2024-05-01 10:00:00',
    ).encode("utf-8-sig"),
    system="pipedrive",
    rows="people",
    created=1,
    of="Søren Kjær",
    points=(("email", "soren@example.dk"), ("phone", "+4520123456"), ("phone", "+4533121212")),
    external_id="17",
    organization="Havn ApS",
    ignored=("Person - Open deals", "Person - Update time"),
)
PIPEDRIVE_ORGANIZATIONS = Foreign(
    name="organizations.csv",
    content=_csv(
        "Organization - ID|Organization - Name|Organization - Owner|Organization - Address|Organization - People|Organization - Label",
        '4|Havn ApS|Ada|"Nyhavn 1, København"|2|Customer',
    ).encode(),
    system="pipedrive",
    rows="organisations",
    created=1,
    kind="organization",
    of="Havn ApS",
    external_id="4",
    ignored=("Organization - People",),
)
GOOGLE_OLD = Foreign(
    name="google.csv",
    content=_csv(
        "Name|Given Name|Additional Name|Family Name|Yomi Name|Name Suffix|Nickname|Birthday|Gender|Notes|Photo|Group Membership|E-mail 1 - Type|E-mail 1 - Value|E-mail 2 - Type|E-mail 2 - Value|Phone 1 - Type|Phone 1 - Value|Organization 1 - Name|Organization 1 - Title|Address 1 - Formatted|Address 1 - Street|Address 1 - City|Address 1 - Postal Code|Address 1 - Country",
        'Kenji Satō|Kenji||Satō||||1975-06-07|||https://x|* myContacts ::: Friends|* Home|kenji@example.jp ::: k2@example.jp|Work|kenji@work.example|Mobile|+81 90-1234-5678|Yama KK|部長|"x"|1-2-3 Ginza|Tokyo|104-0061|Japan',
    ).encode("utf-16"),
    system="google",
    rows="contacts",
    created=1,
    of="Kenji Satō",
    fields={"job_title": "部長", "city": "Tokyo"},
    points=(("email", "kenji@example.jp"), ("phone", "+819012345678"), ("email", "kenji@work.example")),
    organization="Yama KK",
    ignored=("E-mail 1 - Type", "Photo", "Address 1 - Formatted"),
)
GOOGLE_NEW = Foreign(
    name="contacts.csv",
    content=_csv(
        "First Name|Middle Name|Last Name|Phonetic First Name|Phonetic Last Name|Name Prefix|Name Suffix|Nickname|File As|Organization Name|Organization Title|Organization Department|Birthday|Notes|Photo|Labels|E-mail 1 - Label|E-mail 1 - Value|Phone 1 - Label|Phone 1 - Value|Phone 2 - Label|Phone 2 - Value",
        "Olu||Ade|||Dr.||||Lagos Ltd|Director|||hello||* starred ::: VIP|* Work|olu@example.ng|Mobile|+234 803 123 4567|Work|+234 802 222 2222",
    ).encode(),
    system="google",
    rows="contacts",
    created=1,
    of="Olu Ade",
    fields={"job_title": "Director", "salutation": "Dr."},
    points=(("email", "olu@example.ng"), ("phone", "+2348031234567")),
    organization="Lagos Ltd",
)
OUTLOOK = Foreign(
    name="contacts.CSV",
    content=_csv(
        '"Title","First Name","Middle Name","Last Name","Suffix","Company","Department","Job Title","Business Street","Business Street 2","Business City","Business Postal Code","Business Country/Region","Home Street","Home City","Business Fax","Business Phone","Home Phone","Mobile Phone","Anniversary","Birthday","Categories","E-mail Address","E-mail Type","E-mail Display Name","E-mail 2 Address","Gender","Notes","Priority","Web Page"',
        '"Frau","Anja","","Groß","","Bau AG","","Leiterin","Ring 1","Haus B","Wien","1010","Austria","Gasse 2","Graz","","+43 1 514440","","+43 664 1234567","0/0/00","0/0/00","VIP;Wien","anja@example.at","SMTP","Anja Groß","","Unspecified","merken","Normal",""',
    ).encode("cp1252"),
    system="outlook",
    rows="contacts",
    created=1,
    of="Anja Groß",
    fields={"salutation": "Frau", "city": "Wien", "birth_date": None, "gender": None},
    points=(("email", "anja@example.at"), ("phone", "+436641234567")),
    organization="Bau AG",
    ignored=("E-mail Type", "E-mail Display Name", "Priority"),
)
OUTLOOK_CHINESE = Foreign(
    name="联系人.CSV",
    content=_csv(
        '"称谓","名","中间名","姓","单位","部门","职务","商务地址 街道","商务地址 街道 2","商务地址 市/县","商务地址 省/市/自治区","商务地址 邮政编码","商务地址 国家/地区","商务传真","商务电话","移动电话","电子邮件地址","电子邮件类型","电子邮件显示名称","附注","生日","性别","网页","类别"',
        '"先生","建国","","王","东方公司","销售部","经理","人民路 8 号","","苏州","江苏","215000","中国","","0512-65221234","13900139000","wang@example.cn","SMTP","王建国","老客户","1970-1-1","","","重点"',
    ).encode("gb18030"),
    system="outlook",
    rows="contacts",
    created=1,
    of="王建国",
    fields={"job_title": "经理", "city": "苏州", "province": "江苏"},
    points=(("email", "wang@example.cn"), ("phone", "+8613900139000")),
    organization="东方公司",
)
CHATWOOT = Foreign(
    name="chatwoot.csv",
    content=_csv(
        "id|name|email|phone_number|identifier|company_name|city|country|additional_attributes|created_at|last_activity_at",
        "7|Pia Ek|pia@example.se|+46 70 123 45 67|u-7|Ek AB|Malmö|Sweden|{}|1700000000|1700000001",
    ).encode(),
    system="chatwoot",
    rows="contacts",
    created=1,
    of="Pia Ek",
    fields={"city": "Malmö", "country": "SE"},
    points=(("email", "pia@example.se"), ("phone", "+46701234567")),
    external_id="7",
    organization="Ek AB",
    ignored=("additional_attributes", "created_at", "last_activity_at"),
)
FOREIGN: Mapping[str, Foreign] = {
    name.lower().replace("_", "-"): value for name, value in list(globals().items()) if isinstance(value, Foreign)
}
"""All of them by name."""
