"""Surveys to begin with, in English and Chinese: documents as `crmkit_feedback.surveys.content` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import frozen

from crmkit import texts

_ = texts("crmkit_feedback")

LANGUAGES = ["en", "zh-Hans"]
TITLES = {
    "nps": _("Would they recommend us"),
    "csat": _("How satisfied after an occasion"),
    "ces": _("How easy it was"),
    "market": _("Market research"),
    "call_back": _("Call-back after a purchase"),
    "empty": _("Nothing"),
}


@frozen(kw_only=True)
class Standard:
    """A survey to begin with."""

    document: Mapping[str, Any]
    purpose: Literal["relational", "transactional", "market"]


def _two(english: str, chinese: str) -> dict[str, str]:
    return {"en": english, "zh-Hans": chinese}


def _options(*options: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "title": _two(english, chinese)} for key, english, chinese in options]


THANKS = _two("Thank you. Your answer helps us to become better.", "感谢您的回答，这将帮助我们做得更好。")
WHY = {
    "key": "why",
    "kind": "long_text",
    "title": _two("What is the main reason for your answer?", "您给出这个评分的主要原因是什么？"),
}
NPS = {
    "key": "recommend",
    "kind": "nps",
    "required": True,
    "title": _two("How likely are you to recommend us to a friend or colleague?", "您有多大可能向朋友或同事推荐我们？"),
    "low_title": _two("Not at all likely", "完全不可能"),
    "high_title": _two("Extremely likely", "非常可能"),
}
CSAT = {
    "key": "satisfaction",
    "kind": "csat",
    "required": True,
    "title": _two("How satisfied are you, all in all?", "总体来说，您有多满意？"),
    "low_title": _two("Very dissatisfied", "非常不满意"),
    "high_title": _two("Very satisfied", "非常满意"),
}
RATINGS = {
    "key": "aspects",
    "kind": "matrix",
    "title": _two("How satisfied are you with …", "您对以下各方面有多满意？"),
    "low_title": _two("Very dissatisfied", "非常不满意"),
    "high_title": _two("Very satisfied", "非常满意"),
    "items": _options(
        ("quality", "the quality", "质量"),
        ("price", "the price", "价格"),
        ("delivery", "the delivery", "配送"),
        ("service", "the service", "服务"),
    ),
}
BETTER = {
    "key": "better",
    "kind": "long_text",
    "title": _two("What should we do better?", "我们最应该改进的是什么？"),
    "when": {"all": [{"question": "satisfaction", "is": "at_most", "value": 3}]},
}
MAY_CALL = {
    "key": "contact",
    "kind": "yes_no",
    "title": _two("May we contact you about it?", "我们可以就此与您联系吗？"),
}

STANDARD: Mapping[str, Standard] = {
    "nps": Standard(
        purpose="relational",
        document={
            "languages": LANGUAGES,
            "title": _two("How are we doing?", "我们做得怎么样？"),
            "thanks": THANKS,
            "blocks": [
                {"key": "first", "questions": [NPS, WHY]},
                {"key": "second", "questions": [RATINGS, MAY_CALL]},
            ],
        },
    ),
    "csat": Standard(
        purpose="transactional",
        document={
            "languages": LANGUAGES,
            "title": _two("How was it?", "您的体验如何？"),
            "thanks": THANKS,
            "blocks": [
                {
                    "key": "first",
                    "questions": [
                        CSAT,
                        {
                            "key": "solved",
                            "kind": "single",
                            "title": _two("Was your concern settled?", "您的问题解决了吗？"),
                            "options": _options(
                                ("yes", "Yes", "解决了"), ("partly", "In part", "部分解决"), ("no", "No", "没有解决")
                            ),
                        },
                    ],
                },
                {"key": "second", "questions": [BETTER, MAY_CALL]},
            ],
        },
    ),
    "ces": Standard(
        purpose="transactional",
        document={
            "languages": LANGUAGES,
            "title": _two("How easy was it?", "办理起来容易吗？"),
            "thanks": THANKS,
            "blocks": [
                {
                    "key": "first",
                    "questions": [
                        {
                            "key": "effort",
                            "kind": "ces",
                            "required": True,
                            "title": _two(
                                "We made it easy for you to settle your concern.", "我们让您轻松地解决了问题。"
                            ),
                            "low_title": _two("Strongly disagree", "非常不同意"),
                            "high_title": _two("Strongly agree", "非常同意"),
                        },
                        {
                            "key": "harder",
                            "kind": "multiple",
                            "title": _two("What made it harder than need be?", "哪些环节让您觉得麻烦？"),
                            "options": [
                                *_options(
                                    ("waiting", "Waiting", "等待"),
                                    ("repeating", "Saying it all again", "重复说明"),
                                    ("finding", "Finding whom to ask", "找不到负责人"),
                                ),
                                {"key": "other", "title": _two("Something else", "其他"), "other": True},
                                {"key": "nothing", "title": _two("Nothing", "没有"), "exclusive": True},
                            ],
                        },
                    ],
                }
            ],
        },
    ),
    "market": Standard(
        purpose="market",
        document={
            "languages": LANGUAGES,
            "title": _two("What matters to you?", "您看重什么？"),
            "thanks": THANKS,
            "screened": _two("Thank you. This survey is for others.", "谢谢您。本调查面向其他人群。"),
            "blocks": [
                {
                    "key": "who",
                    "questions": [
                        {
                            "key": "buys",
                            "kind": "yes_no",
                            "required": True,
                            "title": _two("Do you decide on purchases?", "您是否参与采购决定？"),
                            "go": [
                                {
                                    "to": "screen_out",
                                    "when": {"all": [{"question": "buys", "is": "equals", "value": "no"}]},
                                }
                            ],
                        }
                    ],
                },
                {
                    "key": "what",
                    "questions": [
                        {
                            "key": "matters",
                            "kind": "maxdiff",
                            "title": _two("What matters most, and what least?", "哪一项最重要，哪一项最不重要？"),
                            "options": _options(
                                ("price", "A low price", "价格低"),
                                ("quality", "Good quality", "质量好"),
                                ("speed", "Quick delivery", "送货快"),
                                ("advice", "Good advice", "建议专业"),
                                ("range", "A wide range", "品种多"),
                                ("green", "Made sustainably", "环保"),
                            ),
                            "shown": 3,
                        },
                        {
                            "key": "channels",
                            "kind": "ranking",
                            "title": _two("By what way do you like to order?", "您更喜欢通过哪种方式订购？"),
                            "options": _options(
                                ("web", "Website", "网站"), ("phone", "Telephone", "电话"), ("visit", "Visit", "上门")
                            ),
                        },
                        {
                            "key": "budget",
                            "kind": "constant_sum",
                            "title": _two("Share out 100 points by what you spend on.", "请按您的支出分配 100 分。"),
                            "options": _options(
                                ("goods", "Goods", "商品"),
                                ("delivery", "Delivery", "配送"),
                                ("service", "Service", "服务"),
                            ),
                        },
                    ],
                },
            ],
        },
    ),
    "call_back": Standard(
        purpose="transactional",
        document={
            "languages": LANGUAGES,
            "title": _two("Call-back after a purchase", "购买后电话回访"),
            "introduction": _two(
                "Good day, this is the customer service. May I ask you two minutes about your last purchase?",
                "您好，这里是客户服务部。请问能占用您两分钟，了解一下您最近一次购买的情况吗？",
            ),
            "thanks": _two("Thank you, and a good day to you.", "感谢您的配合，祝您愉快。"),
            "blocks": [
                {
                    "key": "purchase",
                    "questions": [
                        {
                            "key": "arrived",
                            "kind": "yes_no",
                            "required": True,
                            "title": _two("Did everything arrive as ordered?", "商品是否按订单完整送达？"),
                        },
                        {
                            "key": "wrong",
                            "kind": "long_text",
                            "title": _two("What was wrong?", "有什么问题？"),
                            "when": {"all": [{"question": "arrived", "is": "equals", "value": "no"}]},
                        },
                        CSAT,
                        BETTER,
                    ],
                }
            ],
        },
    ),
    "empty": Standard(purpose="relational", document={"languages": LANGUAGES, "blocks": []}),
}
