"""The history below a mail is cut off, in the ways in which programs announce it, and never what was newly written."""

from __future__ import annotations

import pytest
from crmkit_messaging.receiving.quoting import split_quote
from hypothesis import given, strategies as st

ANNOUNCED = [
    "On Mon, 2 Nov 2026 at 10:00, Sales <sales@shop.example> wrote:\n> Dear Ada,\n> hello",
    "On Mon, 2 Nov 2026 at 10:00, Sales Department of the Tea House\n<sales@shop.example> wrote:\n> Dear Ada,",
    "Am 02.11.2026 um 10:00 schrieb Verkauf <sales@shop.example>:\n> Liebe Ada,",
    "Le lun. 2 nov. 2026 à 10:00, Ventes <sales@shop.example> a écrit :\n> Chère Ada,",
    "在 2026年11月2日，上午10:00，Sales <sales@shop.example> 写道：\n> 您好",
    '在2026-11-02 10:00:00，"Sales" <sales@shop.example> 写道:\n> 您好',
    "于 2026/11/2 10:00, Sales 写道:\n> 您好",
    "Sales <sales@shop.example> 于2026年11月2日周一 10:00写道：\n> 您好",
    '------------------ 原始邮件 ------------------\n发件人: "Sales" <sales@shop.example>;\n发送时间: 2026年11月2日',
    "------------------&nbsp;原始邮件&nbsp;------------------\n发件人: x\n发送时间: y\n收件人: z",
    "-----邮件原件-----\n发件人: Sales",
    "---- 回复的原邮件 ----\n| 发件人 | Sales |",
    "發件人：Sales".replace("發", "发") + "\n发送时间：2026年11月2日 10:00\n收件人：Ada\n主题：报价",
    "寄件者: Sales\n寄件日期: 2026年11月2日\n收件者: Ada\n主旨: 報價",
    "-----Original Message-----\nFrom: Sales\nSent: Monday\nTo: Ada",
    "From: Sales <sales@shop.example>\nSent: Monday, November 2, 2026 10:00 AM\nTo: Ada\nSubject: Offer",
    "Von: Sales\nGesendet: Montag\nAn: Ada\nBetreff: Angebot",
    "> Dear Ada,\n> hello\n> bye",
]


@pytest.mark.parametrize("history", ANNOUNCED)
def test_what_is_announced_is_cut_off(history: str) -> None:
    """And kept apart, whole."""
    assert split_quote(f"Thank you, 谢谢。\n\n{history}") == ("Thank you, 谢谢。", history)


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote: nothing.\nBest regards",
        "On Monday I wrote the following:\nnothing",
        "他在信里写道，一切都好。\n再见",
        "Please note:\nFrom: Berlin\nwe leave at noon",
        "> Is it ready?\nYes.\n> And the bill?\nAttached.",
        "On Mon, 2 Nov 2026, Sales wrote:\n> Is it ready?\nYes, it is.",
        "---------- Forwarded message ---------\nFrom: a\nDate: b\nSubject: c\nTo: d\n\nlook at this",
        "",
        "\n\n",
    ],
)
def test_what_is_new_is_never_cut_off(text: str) -> None:
    """Answers between the lines and below, forwarded mails, and words that only look like an announcement."""
    assert split_quote(text) == (text.strip(), "")


@given(st.text(alphabet=st.sampled_from("ab >:\n在写道：OnwrteFrmSubjc-"), max_size=300))
def test_nothing_is_lost(text: str) -> None:
    """Both parts together are what was there."""
    new, quoted = split_quote(text)
    assert "".join(f"{new}{quoted}".split()) == "".join(text.split())
