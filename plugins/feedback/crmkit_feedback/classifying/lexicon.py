"""Words that tell what somebody thinks of something, in Chinese and English, with what turns and strengthens them.

The lists are our own. Must not know models or databases.
"""

from __future__ import annotations

import re
from functools import cache


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GOOD_ZH = _words("""
    好 棒 赞 喜欢 满意 推荐 不错 舒服 舒适 干净 方便 实惠 便宜 优秀 完美 精彩 值得 超值 漂亮 感动 开心 热情
    周到 耐心 友好 细致 清晰 丰富 齐全 给力 惊喜 幸福 温馨 一流 享受 受益 快捷 及时 物美价廉 爱不释手
""")
BAD_ZH = _words("""
    差 坏 破 慢 贵 脏 吵 失望 垃圾 糟 后悔 投诉 退货 退款 难吃 难用 难看 臭 骗 假货 恶劣 冷漠 不理 没人 无聊
    枯燥 麻烦 故障 死机 噪音 掉漆 卡顿 损坏 碎 漏 霉 拖延 敷衍 粗糙 上当 郁闷 遗憾 可惜 糊弄 不值 过时 破旧
    陈旧 简陋
""")
TURNED_ALREADY = ("不错", "不值", "不理", "没人")
TURNING_ZH = _words("""
    不 没 没有 并非 无 别 未 不太 不是 不够 不怎么 谈不上
""")
GOOD_EN = _words("""
    good great nice lovely excellent perfect wonderful fantastic awesome amazing pleasant happy pleased
    satisfied love loved like liked enjoy enjoyed recommend helpful friendly kind polite quick fast easy
    smooth reliable comfortable clean fresh beautiful useful clear fair cheap best better thanks thank
    impressed delighted glad super brilliant superb solid
""")
BAD_EN = _words("""
    bad poor terrible awful horrible worst worse disappointing disappointed unhappy dissatisfied hate hated
    dislike annoying annoyed angry rude unfriendly unhelpful slow late delayed delay broken damaged defective
    faulty dirty noisy wrong missing expensive overpriced difficult hard confusing complicated useless waste
    problem problems fail failed fails failure refund complaint complain never tear tears torn leak leaks
    cold stale ugly cheaply mess unreliable ignored nobody
""")
TURNING_EN = _words("""
    not no never n't without hardly barely cannot isn't wasn't aren't don't doesn't didn't won't can't
""")
STRONG_EN = _words("""
    very really extremely so too absolutely totally completely highly
""")
REACH_EN = 3
"""So many words back something still turns a word."""
MOST = 4
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@cache
def _chinese() -> re.Pattern[str]:
    words = sorted({*GOOD_ZH, *BAD_ZH}, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, words)) + ")")


def chinese(text: str) -> int:
    """Return how many good words there are more than bad ones in a Chinese text, within `MOST`."""
    total = 0
    for found in _chinese().finditer(text):
        value = 1 if found[1] in GOOD_ZH else -1
        before = text[max(0, found.start() - 3) : found.start()]
        turned = found[1] not in TURNED_ALREADY and any(each in before for each in TURNING_ZH)
        total += -value if turned else value
    return max(-MOST, min(MOST, total))


def english(text: str) -> float:
    """Return how much more good than bad an English text says, within `MOST`: a word that is strengthened counts half
    as much again, one that is turned the other way counts half the other way ("not good" is less bad than "bad")."""
    words = _WORD.findall(text.casefold().replace("’", "'"))
    total = 0.0
    for place, word in enumerate(words):
        if word not in GOOD_EN and word not in BAD_EN:
            continue
        value = 1.0 if word in GOOD_EN else -1.0
        before = words[max(0, place - REACH_EN) : place]
        if before and before[-1] in STRONG_EN:
            value *= 1.5
        if word not in TURNING_EN and any(each in TURNING_EN for each in before):
            value *= -0.7
        total += value
    return max(-float(MOST), min(float(MOST), total))
