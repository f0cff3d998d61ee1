"""The templates that come along: one for each kind of article, in English and in Chinese.

They are data that a business changes as it likes, and so not marked to be translated. The sections of the one for
problems are those of a case that was solved: problem, environment, cause, solution.
"""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Shipped:
    """A template that comes along."""

    name: str
    title: str
    kind: str
    language: str
    body: str
    hint: str


def _sections(*sections: tuple[str, str]) -> str:
    return "\n\n".join(f"## {title}\n\n{text}" for title, text in sections) + "\n"


SHIPPED = (
    Shipped(
        name="how_to",
        title="How to do something",
        kind="how_to",
        language="en",
        hint="What can be done with it, and for whom it is, in one sentence.",
        body=_sections(
            ("Before you begin", "What is needed: rights, tools, data."),
            ("Steps", "1. First\n2. Then\n3. At last"),
            ("How to tell that it worked", "What is to be seen now."),
            ("If it did not work", "What goes wrong most often, and what helps."),
        ),
    ),
    Shipped(
        name="faq",
        title="A question and its answer",
        kind="faq",
        language="en",
        hint="The answer in one sentence.",
        body=_sections(
            ("Question", "As customers ask it, in their words."),
            ("Answer", "The answer first, in one or two sentences."),
            ("More about it", "Exceptions, amounts, terms."),
        ),
    ),
    Shipped(
        name="troubleshooting",
        title="A problem and its solution",
        kind="troubleshooting",
        language="en",
        hint="The problem as customers see it.",
        body=_sections(
            ("Problem", "What is seen, with messages word for word."),
            ("Environment", "Product, version, where it happens and where it does not."),
            ("Cause", "Why it happens."),
            ("Solution", "1. First\n2. Then"),
            ("How to avoid it", "What keeps it from coming back."),
        ),
    ),
    Shipped(
        name="policy",
        title="A policy",
        kind="policy",
        language="en",
        hint="What holds, for whom, since when.",
        body=_sections(
            ("What it is about", "Purpose and scope."),
            ("What holds", "- First rule\n- Second rule"),
            ("Exceptions", "Which there are, and who decides them."),
            ("Who is responsible", "Whom to ask."),
        ),
    ),
    Shipped(
        name="how_to_zh",
        title="操作指南",
        kind="how_to",
        language="zh_Hans",
        hint="用一句话说明能完成什么、适合谁看。",
        body=_sections(
            ("开始之前", "需要的权限、工具和资料。"),
            ("步骤", "1. 第一步\n2. 第二步\n3. 最后一步"),
            ("如何确认已完成", "完成后应当看到什么。"),
            ("如果没有成功", "最常见的问题和解决办法。"),
        ),
    ),
    Shipped(
        name="faq_zh",
        title="常见问题",
        kind="faq",
        language="zh_Hans",
        hint="用一句话给出答案。",
        body=_sections(
            ("问题", "按客户的说法来写。"),
            ("回答", "先给出结论，一两句话。"),
            ("补充说明", "例外情况、金额和期限。"),
        ),
    ),
    Shipped(
        name="troubleshooting_zh",
        title="问题与解决",
        kind="troubleshooting",
        language="zh_Hans",
        hint="客户看到的问题现象。",
        body=_sections(
            ("问题现象", "看到了什么，提示信息请照原文写。"),
            ("环境", "产品、版本，哪些情况会出现，哪些不会。"),
            ("原因", "为什么会这样。"),
            ("解决办法", "1. 第一步\n2. 第二步"),
            ("如何避免", "怎样不再发生。"),
        ),
    ),
    Shipped(
        name="policy_zh",
        title="制度说明",
        kind="policy",
        language="zh_Hans",
        hint="规定了什么、对谁有效、何时生效。",
        body=_sections(
            ("适用范围", "目的与对象。"),
            ("具体规定", "- 第一条\n- 第二条"),
            ("例外", "有哪些例外，由谁决定。"),
            ("负责人", "有疑问找谁。"),
        ),
    ),
)
