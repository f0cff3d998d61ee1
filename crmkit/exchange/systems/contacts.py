"""Address books: Google Contacts (before and after 2024), Outlook (classic, and shared contacts), Chatwoot."""

# ruff: noqa: E501

from __future__ import annotations

from crmkit.exchange.systems.model import BOOKKEEPING, DOUBLED, LABEL, NO_PLACE, OWN_ID, KnownTable
from crmkit.i18n import texts

_ = texts("crmkit")


def _numbered(pattern: str, most: int = 9) -> str:
    return "|".join(pattern.replace("#", str(number)) for number in range(1, most + 1))


def _address(prefix: str, label: str) -> dict[str, str]:
    """Return the parts of an address of Google's."""
    lead = f"{label}_" if label else ""
    return {
        f"{lead}street": f"{prefix} - Street",
        f"{lead}street_2": f"{prefix} - Extended Address",
        f"{lead}city": f"{prefix} - City",
        f"{lead}province": f"{prefix} - Region",
        f"{lead}postal_code": f"{prefix} - Postal Code",
        f"{lead}country": f"{prefix} - Country",
    }


def _place(label: str, english: str, chinese: str) -> dict[str, str]:
    """Return the parts of an address of Outlook's."""
    lead = f"{label}_" if label else ""
    return {
        f"{lead}street": f"{english} Street|{english} Address|{chinese} 街道",
        f"{lead}street_2": f"{english} Street 2|{chinese} 街道 2",
        f"{lead}street_3": f"{english} Street 3|{chinese} 街道 3",
        f"{lead}city": f"{english} City|{chinese} 市/县",
        f"{lead}province": f"{english} State|{chinese} 省/市/自治区",
        f"{lead}postal_code": f"{english} Postal Code|{chinese} 邮政编码",
        f"{lead}country": f"{english} Country|{english} Country/Region|{chinese} 国家/地区",
    }


GOOGLE = KnownTable(
    system="google",
    title="Google Contacts",
    rows=_("contacts"),
    kind="person",
    needs=(
        "Given Name|First Name|Name|名字|名",
        "E-mail 1 - Value|Phone 1 - Value|E-mail 1 - Type|E-mail 1 - Label|Group Membership|Labels|Yomi Name|Phonetic First Name",
    ),
    signs="Yomi Name|Given Name Yomi|Family Name Yomi|Group Membership|E-mail 1 - Type|E-mail 1 - Label|E-mail 1 - Value|Phone 1 - Type|Phone 1 - Label|Phone 1 - Value|Phonetic First Name|Phonetic Last Name|Address 1 - Formatted|Organization 1 - Yomi Name|Directory Server|File As|Labels|Organization Department",
    at_least=3,
    meanings={
        "name": "Name",
        "given_name": "Given Name|First Name",
        "middle_name": "Additional Name|Middle Name",
        "family_name": "Family Name|Last Name",
        "salutation": "Name Prefix",
        "birth_date": "Birthday",
        "gender": "Gender",
        "occupation": "Occupation",
        "interests": "Hobby",
        "language": "Language",
        "tags": "Group Membership|Labels",
        "organization": "Organization 1 - Name|Organization Name",
        "job_title": "Organization 1 - Title|Organization Title",
        "custom.Department": "Organization 1 - Department|Organization Department",
        "custom.Notes": "Notes",
        "website": "Website 1 - Value",
        "email": "E-mail 1 - Value",
        "phone": "Phone 1 - Value",
        **{f"email_{slot}": f"E-mail {slot} - Value" for slot in range(2, 10)},
        **{f"phone_{slot}": f"Phone {slot} - Value" for slot in range(2, 10)},
        **_address("Address 1", ""),
        **_address("Address 2", "other"),
    },
    ignored={
        LABEL: f"{_numbered('E-mail # - Type')}|{_numbered('E-mail # - Label')}|{_numbered('Phone # - Type')}|{_numbered('Phone # - Label')}|{_numbered('Address # - Type', 4)}|{_numbered('Address # - Label', 4)}|{_numbered('Website # - Type', 4)}|{_numbered('Website # - Label', 4)}|{_numbered('Organization # - Type', 3)}|{_numbered('Relation # - Type', 4)}|{_numbered('Relation # - Label', 4)}|{_numbered('Event # - Type', 4)}|{_numbered('Event # - Label', 4)}|{_numbered('Custom Field # - Type', 4)}|{_numbered('Custom Field # - Label', 4)}|{_numbered('IM # - Type', 4)}",
        DOUBLED: f"{_numbered('Address # - Formatted', 4)}|File As|Short Name|Initials",
        NO_PLACE: f"Yomi Name|Given Name Yomi|Additional Name Yomi|Family Name Yomi|Phonetic First Name|Phonetic Middle Name|Phonetic Last Name|Name Suffix|Nickname|Maiden Name|Location|Billing Information|Mileage|Subject|{_numbered('Address # - PO Box', 4)}|Organization 1 - Yomi Name|Organization 1 - Symbol|Organization 1 - Location|Organization 1 - Job Description|{_numbered('Relation # - Value', 4)}|{_numbered('Event # - Value', 4)}|{_numbered('Custom Field # - Value', 4)}|{_numbered('IM # - Service', 4)}|{_numbered('IM # - Value', 4)}",
        BOOKKEEPING: "Directory Server|Sensitivity|Priority|Photo",
    },
)
OUTLOOK = KnownTable(
    system="outlook",
    title="Outlook",
    rows=_("contacts"),
    kind="person",
    needs=(
        "First Name|Last Name|名|姓",
        "E-mail Address|E-mail Type|Business Street|Business Phone|Home Street|电子邮件地址|商务地址 街道|商务电话",
    ),
    signs="E-mail Type|E-mail Display Name|E-mail 2 Address|Business Street|Business Street 2|Home Street 2|Assistant's Phone|Callback|Car Phone|TTY/TDD Phone|Telex|Internet Free Busy|Government ID Number|Organizational ID Number|Manager's Name|Business Country/Region|User 1|Business Fax|电子邮件类型|电子邮件显示名称|商务地址 街道|住宅地址 街道|单位主要电话|附注|经理姓名|车载电话|商务电话",
    at_least=3,
    meanings={
        "salutation": "Title|中文称谓|英文称谓|称谓",
        "given_name": "First Name|名",
        "middle_name": "Middle Name|中间名",
        "family_name": "Last Name|姓",
        "organization": "Company|单位",
        "job_title": "Job Title|职务",
        **_place("", "Business", "商务地址"),
        **_place("home", "Home", "住宅地址"),
        **_place("other", "Other", "其他地址"),
        "work_phone": "Business Phone|商务电话",
        "work_phone_2": "Business Phone 2|商务电话 2",
        "phone": "Primary Phone|主要电话",
        "phone_2": "Company Main Phone|单位主要电话",
        "phone_3": "Car Phone|车载电话",
        "home_phone": "Home Phone|住宅电话",
        "home_phone_2": "Home Phone 2|住宅电话 2",
        "mobile": "Mobile Phone|移动电话",
        "other_phone": "Other Phone|其他电话",
        "work_fax": "Business Fax|商务传真",
        "home_fax": "Home Fax|住宅传真",
        "other_fax": "Other Fax|其他传真",
        "pager": "Pager|寻呼机",
        "email": "E-mail Address|电子邮件地址",
        "email_2": "E-mail 2 Address|电子邮件 2 地址",
        "email_3": "E-mail 3 Address|电子邮件 3 地址",
        "birth_date": "Birthday|生日",
        "gender": "Gender|性别",
        "interests": "Hobby|业余爱好",
        "language": "Language|语言",
        "occupation": "Profession|职业",
        "tags": "Categories|类别",
        "website": "Web Page|网页",
        "identity_number": "Government ID Number|身份证编号",
        "custom.Department": "Department|部门",
        "custom.Notes": "Notes|附注",
    },
    ignored={
        LABEL: "E-mail Type|E-mail 2 Type|E-mail 3 Type|电子邮件类型|电子邮件 2 类型|电子邮件 3 类型",
        DOUBLED: "E-mail Display Name|E-mail 2 Display Name|E-mail 3 Display Name|Initials|电子邮件显示名称|电子邮件 2 显示名|电子邮件 2 显示名称|电子邮件 3 显示名|电子邮件 3 显示名称|缩写",
        BOOKKEEPING: "Private|Priority|Sensitivity|Directory Server|Internet Free Busy|Mileage|Billing Information|私有|优先级|敏感度|目录服务器|Internet 忙闲|里程|记帐信息",
        NO_PLACE: "Suffix|后缀|Anniversary|纪念日|Assistant's Name|Assistant's Phone|助理的姓名|助理的电话|Manager's Name|经理姓名|Spouse|配偶|Children|子女|Referred By|引用者|Keywords|关键词|Location|地点|Office Location|办公地点|Account|帐户|Callback|回电话|ISDN|Radio Phone|无绳电话|Telex|电报|TTY/TDD Phone|TTY/TDD 电话|Organizational ID Number|工作证号码|User 1|User 2|User 3|User 4|用户 1|用户 2|用户 3|用户 4|PO Box|Business Address PO Box|Home Address PO Box|Other Address PO Box|商务地址 - 邮箱|住宅地址 - 邮箱|其他地址 - 邮箱",
    },
)
SHARED = KnownTable(
    system="outlook",
    title="Outlook",
    rows=_("shared contacts"),
    kind="person",
    needs=("Action", "ID", "Name", "E-mail Address"),
    signs="Action|E-mail 2 Address|Business Address|Business Fax|Other Address|Home Address|Pager",
    meanings={
        "external_id": "ID",
        "name": "Name",
        "email": "E-mail Address",
        "email_2": "E-mail 2 Address",
        "email_3": "E-mail 3 Address",
        "home_street": "Home Address",
        "other_street": "Other Address",
        "organization": "Company",
        "job_title": "Job Title",
        "custom.Notes": "Notes",
    },
    ignored={BOOKKEEPING: "Action"},
    withdrawn={"Action": "delete"},
)
CHATWOOT = KnownTable(
    system="chatwoot",
    title="Chatwoot",
    rows=_("contacts"),
    kind="person",
    needs=("id|identifier", "name|first_name|email", "identifier|ip_address|phone_number|additional_attributes"),
    signs="identifier|ip_address|phone_number|first_name|additional_attributes|custom_attributes|last_activity_at|blocked",
    at_least=2,
    meanings={
        "external_id": "id",
        "name": "name",
        "given_name": "first_name",
        "family_name": "last_name",
        "email": "email",
        "phone": "phone_number",
        "gender": "gender",
        "organization": "company_name|company",
        "city": "city",
        "country": "country|country_code",
        "tags": "labels",
        "custom.Identifier": "identifier",
    },
    ignored={
        BOOKKEEPING: "ip_address|last_activity_at|created_at|updated_at|thumbnail|avatar_url|availability_status",
        OWN_ID: "account_id|contact_type",
        NO_PLACE: "additional_attributes|custom_attributes|blocked|location|social_profiles",
    },
)
TABLES = (GOOGLE, OUTLOOK, SHARED, CHATWOOT)
