"""Chinese family names: those of two characters, those that are read in another way than the character usually is, and
how frequent the most frequent ones are.

Data alone.
"""

from __future__ import annotations

from collections.abc import Mapping

_COMPOUND_TEXT = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容
仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐
段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 西门 南荣 东里 东宫 仲长 即墨 达奚 褚师 单于 完颜 耶律 纳兰 叶赫 爱新 哥舒
"""
COMPOUND = frozenset(_COMPOUND_TEXT.split())
"""Family names of two characters, simplified."""

_READ_AS_TEXT = """
曾 zeng 仇 qiu 解 xie 单 shan 查 zha 盖 ge 翟 zhai 区 ou 朴 piao 任 ren 缪 miao 尉迟 yuchi 万俟 moqi 长孙 zhangsun
冼 xian 乐 yue 覃 qin 召 shao 员 yun 种 chong 黑 he 秘 bi 折 she 佴 nai 繁 po 隗 kui 逄 pang 郇 xun 祭 zhai 华 hua
宁 ning 纪 ji 曲 qu 俞 yu 於 yu 哈 ha 牟 mu 洗 xian 澹台 tantai 夏侯 xiahou 皇甫 huangfu 令狐 linghu 贾 jia 柏 bai
卜 bu 车 che 薄 bo 石 shi 沈 shen 阚 kan 谌 chen 郝 hao 缴 jiao 么 yao 粘 nian 郗 xi 莘 xin 燕 yan 应 ying 占 zhan
过 guo 逯 lu 禚 zhuo 臧 zang 褚 chu 訾 zi 尹 yin 晁 chao 庹 tuo 蒯 kuai 仉 zhang 郄 qie 晟 cheng 那 na 葛 ge 都 du
吕 lu 阮 ruan 邵 shao 藏 zang 宓 mi 亓官 qiguan 鲜于 xianyu 单于 chanyu 呼延 huyan 拓跋 tuoba 颛孙 zhuansun 闾丘 luqiu
幸 xing 行 xing 强 qiang 重 chong 殷 yin 戚 qi 邢 xing 盛 sheng 洪 hong 降 jiang 朝 chao 还 huan 调 tiao 载 zai 大 da
少 shao 覃 qin 逢 pang 撒 sa 卡 ka
"""
_READ_AS = _READ_AS_TEXT.split()
READ_AS: Mapping[str, str] = dict(zip(_READ_AS[::2], _READ_AS[1::2], strict=True))
"""How a family name is read; other characters are read as they usually are."""

_SHARES_TEXT = """
王 72 李 70 张 67 刘 54 陈 45 杨 31 黄 23 赵 22 吴 21 周 20 徐 16 孙 15 马 13 朱 13 胡 12 郭 12 何 12 林 11 高 11 罗 10
郑 9 梁 8 谢 8 宋 7 唐 7 许 7 邓 7 冯 6 韩 6 曹 6 曾 6 彭 6 萧 6 蔡 6 潘 5 田 5 董 5 袁 5 于 5 余 5 叶 5 蒋 5 杜 5 苏 5
魏 4 程 4 吕 4 丁 4 沈 4 任 4 姚 4 卢 4 傅 4 钟 4 姜 4 崔 4 谭 4 廖 4 范 4 汪 4 陆 4 金 4 石 3 戴 3 贾 3 韦 3 夏 3 邱 3
方 3 侯 3 邹 3 熊 3 孟 3 秦 3 白 3 江 3 阎 3 薛 3 尹 3 段 3 雷 3 黎 2 史 2 龙 2 陶 2 贺 2 顾 2 毛 2 郝 2 龚 2 邵 2 万 2
钱 2
"""
_SHARES = _SHARES_TEXT.split()
SHARES: Mapping[str, float] = {name: int(share) / 1000 for name, share in zip(_SHARES[::2], _SHARES[1::2], strict=True)}
"""The share of all Chinese who bear a name, roughly, from what China's household registration has published."""

_PINYIN_TEXT = """
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang
deng feng han cao zeng peng xiao cai pan tian dong yuan yu ye jiang du su wei cheng lu ding shen ren yao zhong
cui tan liao fan jin shi dai jia xia qiu fang hou zou xiong meng qin bai yan xue yin duan lei long tao gu mao
hao gong shao wan qian zha xiang mo ge pang xing kong zhai pei ou ouyang sima zhuge shangguan situ huangfu
murong dongfang shan lyu lv guan hua ning chai hong mei wen niu kang geng ji tong ruan lan qi zuo cen mu qiao ou chang
bao ying ai gan tu kuang
"""
PINYIN = frozenset(_PINYIN_TEXT.split())
"""Frequent family names in pinyin."""
