"""纷享销客 (fxiaoke): the exports of customers, contacts, leads and opportunities."""

# ruff: noqa: E501

from __future__ import annotations

from crmkit.exchange.systems.model import BOOKKEEPING, COUNTED, NO_PLACE, OWN_ID, KnownTable
from crmkit.i18n import texts

_ = texts("crmkit")

_SYSTEM = {"system": "fxiaoke", "title": "纷享销客"}
_BOOKS = "创建人|创建时间|最后修改人|最后修改时间|生命状态|锁定状态|锁定人|锁定规则|加锁人|业务类型|最后跟进时间|最后跟进人|最近跟进时间|到期时间|领取时间|分配时间|退回时间|退回原因|归属部门|负责人所在部门|负责人主属部门|相关团队|转手次数|外部负责人|外部来源|合作伙伴|所属公海|线索池|收回时间|距离公海收回时间|转换时间|转换状态|作废时间|作废人|version|版本"
_SIGNS = "唯一性ID|负责人所在部门|负责人主属部门|归属部门|生命状态|锁定状态|相关团队|最后跟进时间|业务类型|成交状态|客户级别|一级行业|二级行业|1级行业|2级行业|所属公海|线索池|外部负责人|最后修改人"
_STATE = {"生命状态": "作废|已作废|invalid"}
_PLACE = {
    "country": "国家|国家/地区",
    "province": "省|省份",
    "city": "市|城市",
    "district": "区|区县|县区",
    "street": "详细地址|地址|通讯地址",
    "postal_code": "邮编|邮政编码",
}

CUSTOMERS = KnownTable(
    **_SYSTEM,
    rows=_("customers"),
    kind="organization",
    needs=("客户名称", "客户级别|成交状态|一级行业|1级行业|客户编号|负责人主属部门|负责人所在部门|所属公海|生命状态"),
    signs=_SIGNS,
    meanings={
        "external_id": "唯一性ID|数据ID|客户ID|客户编号|编号",
        "name": "客户名称",
        **_PLACE,
        "phone": "电话|联系电话|客户电话",
        "fax": "传真",
        "email": "邮件|邮箱|电子邮件",
        "website": "网址|网站|公司网址",
        "industry": "一级行业|1级行业|行业",
        "size": "人员规模|员工人数",
        "registration_number": "统一社会信用代码|工商注册号",
        "source": "客户来源|来源",
        "lifecycle": "成交状态",
        "organization": "上级客户",
        "owner_hint": "负责人",
        "tags": "标签|客户标签",
        "custom.客户级别": "客户级别|级别",
        "custom.客户编号": "客户编号",
        "custom.二级行业": "二级行业|2级行业",
        "custom.Notes": "备注|描述",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: "定位|地理位置|所属区域|图片|头像",
        COUNTED: "成交金额|累计成交金额|最后成交时间|应收金额|总成交订单金额|最后一次成交时间|客户账户余额",
    },
    withdrawn=_STATE,
)
CONTACTS = KnownTable(
    **_SYSTEM,
    rows=_("contacts"),
    kind="person",
    needs=("姓名|联系人姓名", "客户名称|所属客户", "手机|手机1|电话|电话1|邮件|职务|关键决策人"),
    signs=f"{_SIGNS}|关键决策人|主要联系人|介绍人|名片|手机1|手机2|电话1|电话2|联系人编号|尊称",
    meanings={
        "external_id": "唯一性ID|数据ID|联系人ID|联系人编号",
        "name": "姓名|联系人姓名",
        "organization": "客户名称|所属客户|公司",
        "organization_ref": "客户名称_唯一性ID|客户ID|客户唯一性ID",
        "job_title": "职务|职位",
        "mobile": "手机|手机1",
        "phone": "电话|电话1",
        "phone_2": "手机2",
        "phone_3": "手机3",
        "phone_4": "电话2",
        "email": "邮件|邮箱|电子邮件",
        "wechat": "微信|微信号",
        "qq": "QQ",
        "weibo": "微博",
        "gender": "性别",
        "salutation": "尊称|称呼",
        "birth_date": "生日|出生日期",
        **_PLACE,
        "source": "来源",
        "owner_hint": "负责人",
        "interests": "爱好|兴趣爱好",
        "custom.Department": "部门",
        "custom.Notes": "备注|描述",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        OWN_ID: "名片|头像|定位",
        NO_PLACE: "关键决策人|主要联系人|介绍人|直属上级|出生年|出生月|出生日|生日(年)|生日(月)|生日(日)",
    },
    withdrawn=_STATE,
)
LEADS = KnownTable(
    **_SYSTEM,
    rows=_("leads"),
    kind="person",
    needs=("姓名|线索名称", "公司|公司名称", "线索来源|线索池|跟进状态|市场活动|线索编号"),
    signs=f"{_SIGNS}|线索来源|线索池|市场活动|跟进状态|线索编号|无效原因|营销活动",
    meanings={
        "external_id": "唯一性ID|数据ID|线索编号",
        "name": "姓名|线索名称",
        "organization": "公司|公司名称",
        "job_title": "职务|职位",
        "mobile": "手机",
        "phone": "电话",
        "email": "邮件|邮箱|电子邮件",
        "wechat": "微信|微信号",
        "website": "网址|网站",
        **_PLACE,
        "source": "线索来源|来源",
        "owner_hint": "负责人",
        "custom.Lead status": "跟进状态|状态|线索状态",
        "custom.Department": "部门",
        "custom.Notes": "备注|销售线索详情|线索详情|描述",
    },
    ignored={BOOKKEEPING: _BOOKS, NO_PLACE: "市场活动|营销活动|无效原因|名片|推广渠道"},
    withdrawn=_STATE,
)
OPPORTUNITIES = KnownTable(
    **_SYSTEM,
    rows=_("opportunities"),
    resource="deals",
    needs=("商机名称", "客户名称", "商机阶段|销售阶段|阶段|预计成交日期"),
    signs=f"{_SIGNS}|商机名称|商机编号|商机阶段|销售流程|预计成交日期|预测类型|赢率",
    meanings={
        "external_id": "唯一性ID|数据ID|商机编号",
        "title": "商机名称",
        "customer_name": "客户名称",
        "customer": "客户名称_唯一性ID|客户ID",
        "stage": "商机阶段|销售阶段|阶段|阶段状态",
        "amount": "商机金额|预计商机金额|预测金额|金额",
        "currency": "币种",
        "expected_close": "预计成交日期|预计成交时间",
        "owner_hint": "负责人",
        "percent": "赢率",
        "lost_reason": "输单原因",
    },
    ignored={
        BOOKKEEPING: _BOOKS,
        COUNTED: "预测类型|停留时间|阶段停留时间",
        NO_PLACE: "销售流程|商机来源|商机类型|备注",
    },
    withdrawn=_STATE,
)
TABLES = (CUSTOMERS, CONTACTS, LEADS, OPPORTUNITIES)
