"""Which headings mean which fields: in English, simplified and traditional Chinese, and in other products' exports.

Must not know files or databases. A heading is compared without case, spaces, punctuation and width; its fields stand in
the order in which they are tried, as the first may be taken by a column that says it better.
"""

# Each line of the tables below holds all headings of one field.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from crmkit.exchange.declared import Declared, Rows
from crmkit.exchange.fields import ADDRESS_LABELS, ADDRESS_PARTS, CONTACT_SLOTS, PHONE_LABELS, fields_for
from crmkit.exchange.systems.model import normal

_PARTS = {
    "street": "street|address|address1|address line 1|straße|anschrift|adresse|rue|dirección|calle|domicilio|住所|番地|street address|street 1|full address|地址|详细地址|詳細地址|街道|街道地址|通讯地址|通訊地址|联系地址|聯絡地址|住址",
    "district": "district|ortsteil|stadtteil|quartier|barrio|市区町村|county|neighborhood|neighbourhood|suburb|区|區|区县|區縣|行政区|行政區|县区",
    "postal_code": "postal code|postleitzahl|code postal|código postal|郵便番号|postcode|post code|zip|zip code|zip postal code|postalcode|plz|邮编|郵編|邮政编码|郵遞區號|邮政编号",
    "city": "city|ort|stadt|wohnort|ville|commune|ciudad|población|localidad|市区|town|locality|place|城市|市|所在城市|所在地",
    "province": "province|bundesland|région|département|provincia|都道府県|state|state province|region|state region|省份|省|所在省|州|省市|縣市",
    "country": "country|land|staat|pays|país|国名|country region|nation|country code|国家|國家|国别|國別|国家地区|國家地區",
}

_CUSTOMERS = {
    "crmkit_id": "crmkit_id",
    "external_id": "external id|id|rec id|record no|record number|kundennummer|kundennr|kunden nr|numéro client|número de cliente|顧客id|顧客番号|会員番号|customer id|customer no|customer number|customer code|client id|client number|account id|record id|contact id|member id|member no|user id|identifier|customerid|客户编号|客戶編號|客户号|客戶號|客户代码|编号|編號|会员编号|會員編號|会员号|會員號|客户id|会员id|外部编号",
    "kind": "kind|customer kind|customer type|客户类型|客戶類型|客户类别",
    "is_company": "is a company|is company|company type|is organization|is organisation|是否公司|是否企业",
    "name": "name|full name|vollständiger name|nom complet|nombre completo|nom|nombre|氏名|名前|お名前|顧客名|customer name|contact name|display name|customer|client|client name|file as|姓名|名称|名稱|客户名称|客戶名稱|客户姓名|客戶姓名|联系人|聯絡人|會員姓名|会员姓名|全名|名字",
    "sort_name": "sort name|sorted as",
    "family_name": "family name|nachname|familienname|nom de famille|apellido|apellidos|lname|lname c1|苗字|last name|surname|lastname|姓|姓氏",
    "given_name": "given name|vorname|prénom|nombre de pila|fname|fname c1|first name|forename|firstname|名",
    "middle_name": "middle name|additional name|second name|中间名|中間名",
    "salutation": "salutation|anrede|civilité|tratamiento|敬称|name prefix|prefix|honorific|称呼|稱呼|尊称|称谓|稱謂",
    "job_title": "job title|berufsbezeichnung|funktion|fonction|poste|cargo|puesto|役職|title|position|role|organization title|organization 1 title|职位|職位|职务|職務|职称|頭銜|头衔",
    "organization": "organization|firma|firmenname|unternehmen|organisation name|société|entreprise|raison sociale|empresa|compañía|会社名|会社|企業名|勤務先|organisation|company|company name|employer|account name|related company|associated company|organization name|organization 1 name|company organization|公司|公司名称|公司名稱|单位|單位|工作单位|工作單位|企业名称|企業名稱|所属公司|所屬公司",
    "organization_id": "organization_id",
    "email": "email|e mail adresse|mailadresse|courriel|adresse e mail|adresse mail|correo|correo electrónico|メール|メールアドレス|eメール|e mail|email address|e mail address|mail|email 1|e mail 1 value|email 1 value|primary email|邮箱|郵箱|电子邮箱|電子郵箱|电子邮件|電子郵件|邮件|信箱|電郵|电邮|電子信箱",
    "mobile": "mobile|handy|mobil|mobiltelefon|handynummer|mobilnummer|portable|téléphone portable|móvil|celular|携帯|携帯電話|携帯電話番号|携帯番号|mobile phone|cell|cell phone|mobile number|mobile phone number|cellphone|手机|手機|手机号|手機號|手机号码|手機號碼|移动电话|行動電話|流動電話",
    "phone": "phone|telefon|telefonnummer|festnetz|téléphone|teléfono|電話番号|tel no|phone number|telephone|tel|phone 1|phone 1 value|primary phone|main phone|contact number|contact phone|电话|電話|电话号码|電話號碼|联系电话|聯繫電話|聯絡電話|座机|固定电话|固话|市話",
    "gender": "gender|geschlecht|sexe|sexo|género|sex|性别|性別",
    "occupation": "occupation|profession|职业|職業",
    "language": "language|sprache|langue|idioma|言語|preferred language|locale|语言|語言",
    "time_zone": "time zone|timezone|时区|時區",
    "identity_kind": "identity kind|id type|document type|证件类型|證件類型",
    "identity_number": "identity number|soc sec id|ssn|social security number|social security no|social insurance number|id card|id card number|national id|identity card|passport number|身份证号|身份證號|身份证|身份證|身份证号码|身份證號碼|证件号码|證件號碼|证件号|身分證字號",
    "industry": "industry|branche|secteur|sector de actividad|業種|業界|sector|branch|行业|行業|所属行业",
    "size": "size|employees|number of employees|no of employees|employee count|company size|员工数|員工數|员工人数|人数|公司规模|规模",
    "registration_number": "registration number|company registration number|vat|vat number|tax id|vat id|tax number|统一社会信用代码|統一編號|税号|稅號|注册号",
    "website": "website|webseite|internetseite|site web|sitio web|página web|ホームページ|ウェブサイト|web site|url|web page|homepage|website url|website 1 value|网站|網站|网址|網址|主页|官网",
    "standing": "standing",
    "birth_date": "birth date|geburtsdatum|geburtstag|date de naissance|fecha de nacimiento|生年月日|誕生日|birthdate|date of birth|birthday|dob|born|出生日期|生日|出生年月日",
    "source": "source|lead source|original source|来源|來源|客户来源|客戶來源",
    "owner": "owner login",
    "owner_hint": "owner email|owner e mail|owner name|account owner|contact owner|负责人|負責人|所有者|客户经理|销售负责人",
    "given_name_2": "fname c2|given name 2|second given name",
    "family_name_2": "lname c2|family name 2|second surname|segundo apellido|second last name",
    "born_year": "birth year|year of birth|yob|geburtsjahr|année de naissance|出生年份|出生年|生年",
    "born_month": "birth month|month of birth|mob|geburtsmonat|出生月份|出生月",
    "born_day": "day of birth|geburtstag tag|出生日",
    "street_number": "street number|street no|street num",
    "house_number": "house number|house no|hausnummer|hausnr|门牌号|門牌號",
    "street_2": "street 2|street line 2|address 2|address line 2|address2|adresszusatz|complément d adresse",
    "street_3": "street 3|street line 3|address 3|address line 3|address3",
    "team": "team",
    "converted_at": "converted at|customer since",
    "tags": "tags|tag|labels|group membership|标签|標籤|客户标签",
    "interests": "interests|interest|hobby|hobbies|兴趣|興趣|爱好|愛好|兴趣爱好",
    "identifiers": "identifiers",
    "contact_points": "contact_points",
    "preferences": "preferences",
    "fax": "fax|fax number|传真|傳真",
    "pager": "pager",
    "other_phone": "other phone|phone other|alternate phone|其他电话|備用電話",
    "home_phone": "home phone|phone home|home telephone|家庭电话|住宅電話",
    "work_phone": "work phone|business phone|office phone|company phone|company main phone|办公电话|公司电话|單位電話|單位电话",
    "work_fax": "work fax|business fax",
    "home_fax": "home fax",
    "other_fax": "other fax",
    "wechat": "wechat|weixin|wechat id|微信|微信号|微信號",
    "qq": "qq|qq号|qq號",
    "weibo": "weibo|微博",
    "linkedin": "linkedin|linkedin url|linkedin profile",
    "facebook": "facebook|facebook url",
    "twitter": "twitter|twitter handle|x handle",
    "instagram": "instagram",
    "line": "line|line id",
    "whatsapp": "whatsapp",
    "skype": "skype",
}

_REFERENCE = {
    "customer": "customer|customer id|customer no|customer number|customer external id|customer code|client id|account id|member id|user id|客户编号|客戶編號|客户|客戶|会员编号|會員編號|会员号|客户id|客户号",
    "customer_source": "customer source",
    "customer_email": "customer email|email|e mail|email address|buyer email|contact email|客户邮箱|客戶郵箱|邮箱|郵箱|电子邮箱|電子郵箱",
    "customer_phone": "customer phone|phone|phone number|mobile|mobile phone|telephone|客户电话|客戶電話|手机|手機|手机号|手機號|电话|電話|联系电话",
}

_MONEY = {
    "currency": "currency|currency code|币种|幣種|货币|貨幣|幣別",
    "occurred_at": "occurred at|date|when|time|datetime|date time|timestamp|created at|日期|时间|時間|发生时间|發生時間",
}

_INTERACTIONS = {
    **_REFERENCE,
    **_MONEY,
    "kind": "kind|type|interaction kind|interaction type|activity type|类型|類型|互动类型",
    "channel": "channel|渠道|管道|通路",
    "direction": "direction|方向",
    "subject": "subject|title|topic|summary|主题|主題|标题|標題",
    "body": "body|text|content|note|notes|message|description|comment|comments|details|内容|內容|正文|备注|備註|描述",
    "outcome": "outcome|result|结果|結果",
    "thread": "thread|thread id|conversation id|会话|會話",
    "visibility": "visibility",
    "source": "source|来源|來源",
    "external_id": "external id|id|interaction id|activity id|event id|record id|编号|編號",
    "amount": "amount|value|金额|金額",
    "duration": "duration|duration seconds|时长|時長",
    "payload": "payload",
}

_PURCHASES = {
    **_REFERENCE,
    "currency": _MONEY["currency"],
    "invoice": "invoice|invoice no|invoice number|invoice id|invoiceno|order|order id|order no|order number|order name|receipt|receipt number|transaction id|purchase id|external id|单号|單號|订单号|訂單號|订单编号|訂單編號|发票号|發票號碼|发票号码|发票编号|流水号|交易号",
    "occurred_at": "occurred at|invoice date|invoicedate|order date|purchase date|date|datetime|timestamp|created at|transaction date|paid at|日期|时间|時間|下单时间|下單時間|订单时间|訂單時間|购买时间|購買時間|购买日期|購買日期|交易时间|订单日期|訂單日期|发票日期",
    "customer_name": "customer name|name|buyer|buyer name|客户名称|客戶名稱|客户姓名|客戶姓名|姓名|买家|買家",
    "sku": "sku|stock code|stockcode|product code|item code|product id|item id|article|article number|lineitem sku|商品编码|商品編碼|商品编号|商品編號|货号|貨號|产品编号|產品編號|产品编码",
    "description": "description|product|product name|item|item name|product title|lineitem name|商品|商品名称|商品名稱|产品|產品|产品名称|產品名稱|品名",
    "kind": "kind|type|transaction type|类型|類型",
    "refund_of": "refund of|refunded invoice|refunded order|original invoice|original order|原单号|原單號|原订单号|原訂單號|原发票号|原發票號碼",
    "channel": "channel|渠道|管道|通路",
    "source": "source|来源|來源",
    "quantity": "quantity|qty|units|count|lineitem quantity|数量|數量|件数|件數",
    "unit_price": "unit price|price|unitprice|item price|lineitem price|单价|單價|价格|價格",
    "amount": "amount|revenue|sales|order value|order amount|order total|spent|line total|line amount|total|subtotal|sum|net amount|金额|金額|总额|總額|总价|總價|小计|小計|合计|合計|总金额",
    "line_no": "line|line no|line number|行号",
    "payload": "payload",
}

_PRODUCTS = {
    "sku": "sku|stock code|stockcode|product code|item code|code|id|product id|article number|variant sku|商品编码|商品編碼|商品编号|商品編號|货号|貨號|产品编号|產品編號|产品编码",
    "title": "title|name|product|product name|description|item|商品名称|商品名稱|名称|名稱|产品名称|產品名稱|品名",
    "category": "category|product category|type|product type|类别|類別|分类|分類|品类|品類",
    "category_title": "category title",
    "kind": "kind|类型|類型",
    "active": "active|enabled|available|启用|啟用|在售",
}

_ABOUT = {
    "customer_name": "customer name|customer|account|account name|company|organization|client|客户名称|客户|公司",
    "owner_hint": "owner|负责人|負責人",
    "external_id": "external id|id|record id|编号",
}
"""What any plugin's records may have: a customer, an owner, an id in another system."""

IGNORED = frozenset(("action", "exportedfor"))
"""Headings that tell another program what to do, and the one that says for whom crmkit made a file."""


def _add(table: dict[str, list[str]], field: str, headings: str) -> None:
    for heading in headings.split("|"):
        known = table.setdefault(normal(heading), [])
        if field not in known:
            known.append(field)


@lru_cache(maxsize=32)
def candidates(rows: Rows) -> Mapping[str, tuple[str, ...]]:
    """Return for each normal form of a heading the fields that it may mean, the likeliest first."""
    table: dict[str, list[str]] = {}
    # A field's own name always means that field.
    for name in fields_for(rows):
        if not name.startswith(("billing_", "mailing_")):
            _add(table, name, name)
    if isinstance(rows, Declared):
        own = {one.name: one.headings for one in rows.imports.fields if one.headings}
        known = fields_for(rows)
        own |= {name: said for name, said in {**_REFERENCE, **_ABOUT}.items() if name in known and name not in own}
    else:
        own = {
            "customers": _CUSTOMERS,
            "interactions": _INTERACTIONS,
            "purchases": _PURCHASES,
            "products": _PRODUCTS,
        }[rows]
    for field, headings in own.items():
        _add(table, field, headings)
    if rows == "customers":
        _add_contacts(table)
    return {heading: tuple(fields) for heading, fields in table.items()}


def _add_contacts(table: dict[str, list[str]]) -> None:
    for slot in range(2, CONTACT_SLOTS + 1):
        _add(table, f"email_{slot}", f"email {slot}|e mail {slot} address|e mail {slot} value|email {slot} address")
        _add(table, f"phone_{slot}", f"phone {slot}|phone {slot} value|telephone {slot}")
    for label in PHONE_LABELS:
        base = label if "fax" in label or label == "pager" else f"{label}_phone"
        spoken = {"work": ("work", "business")}.get(label.partition("_")[0], (label.partition("_")[0],))
        for word in spoken:
            _add(table, f"{base}_2", f"{base.replace(label.partition('_')[0], word, 1)} 2")
    for part in ADDRESS_PARTS:
        for word in _PARTS[part].split("|"):
            _add(table, part, word)
            for label in ADDRESS_LABELS:
                spoken = {"work": ("work", "business", "office")}.get(label, (label,))
                for prefix in spoken:
                    # Where a file has only one sort of address, it is the address.
                    if label in ("billing", "mailing"):
                        _add(table, part, f"{prefix} {word}")
                    _add(table, f"{label}_{part}", f"{prefix} {word}")
            _add(table, part, f"address 1 {word}")


TOGETHER: Sequence[Mapping[str, str]] = ({"by": "born_year", "bm": "born_month", "bd": "born_day"},)
"""Headings that mean something only where all of them are there, and the fields that they fill then."""
SEVERAL: Mapping[str, tuple[str, ...]] = {
    "email": tuple(f"email_{slot}" for slot in range(2, CONTACT_SLOTS + 1)),
    "phone": tuple(f"phone_{slot}" for slot in range(2, CONTACT_SLOTS + 1)),
    "mobile": tuple(f"phone_{slot}" for slot in range(2, CONTACT_SLOTS + 1)),
}
"""Fields that further columns of the same meaning may fill."""
ORGANIZATION_SIGNS = frozenset(
    normal(heading)
    for heading in (
        "annual revenue", "sic", "sic code", "ticker symbol", "number of employees", "employees", "industry", "ownership",
        "registration number", "vat", "统一社会信用代码", "統一編號", "company owner", "account number",
    )
)  # fmt: skip
"""Headings that only tables of organisations have."""
