"""
Word lists, and names made from them. All invented.

village_names     for villages, none twice
person_names      for people, a few with rare characters that old software loses
enterprise_names  for enterprises, none twice in a township
phones            numbers that are given out to nobody
"""

from __future__ import annotations

import numpy as np

from survey_app.demo.chance import Chance

SURNAMES = (
    *"陈林黄张吴李王刘叶杨徐周朱郑谢何苏许曾蔡江余潘邱游廖罗熊毛季祝占魏饶童詹卢赖范官雷蓝钟连翁章施柯涂姚汤",
    *("欧阳", "上官", "司徒"),
)
_MALE = (
    tuple("建志文国永德福金水春明光正家世长有大荣学天庆景松根俊泽子宇"),
    tuple("国华明强军平林生根发财贵福海山木松清辉良才旺顺康宁亮斌涛杰轩"),
)
_FEMALE = (
    tuple("秀桂玉美丽惠淑凤兰月春翠彩雪爱素巧小晓雅梦"),
    tuple("英珍花莲香妹芳娟兰秀琴娣梅菊凤燕萍霞红云婷怡"),
)
RARE = ("𬭚", "㙟", "镕", "喆", "堃", "犇", "淼", "垚", "翀", "昇", "玥", "赟", "媭", "𫍯")
RARE_SHARE, SINGLE_SHARE = 0.004, 0.12

_VILLAGE_FIRST = "云霁岚杉槐栗藤荷菱苇蓼桑稻砚墨琴棋鼓鹤鹭莺鹇麂獭螺雾霜露月星晴晓暮丹翠苍素瑶锦绣檀菖芷蒲"
_VILLAGE_SECOND = "溪洋坪坂坞桥渡湾潭洲塘井岭峰坡墩厝楼亭寨店田坝沙岩埠垄"
COMMUNITIES = (
    "书院",
    "文昌",
    "迎春",
    "望江",
    "学府",
    "桂苑",
    "和顺",
    "朝阳",
    "东湖",
    "钟楼",
    "码头",
    "新安",
    "临水",
    "丰泽里",
    "长乐里",
    "听涛",
    "栖云",
)
STREETS = (
    "沿河路",
    "迎宾路",
    "中心街",
    "环城路",
    "书香路",
    "老街",
    "新街",
    "桂花巷",
    "米市巷",
    "渡口路",
    "学前街",
    "车站路",
)

_LUCKY = "永恒鼎盛宏达瑞丰嘉禾源泰信诚博远聚鑫茂"
_TRADES = ("竹木", "茶业", "食用菌", "机械", "纺织", "建材", "粮油", "商贸", "物流", "电子") + (
    *("农机", "水产", "包装", "石材", "家具", "药材", "餐饮", "五金", "服饰", "果蔬"),
)
_FIRMS = {
    "above_scale": ("有限公司", "股份有限公司"),
    "small": ("有限公司", "厂", "专业合作社", "加工场"),
    "sole_trader": ("商行", "经营部", "店", "作坊"),
}
SIZE_CLASSES = tuple(_FIRMS)


def village_names(chance: Chance, number: int) -> list[str]:
    """Return names of villages without the final 村, none twice."""
    pairs = [first + second for first in _VILLAGE_FIRST for second in _VILLAGE_SECOND]
    return [pairs[place] for place in chance.order(len(pairs))[:number].tolist()]


def person_names(chance: Chance, number: int, *, clans: int = 0) -> list[str]:
    """
    Return people's names.

    Parameters
    ----------
    clans : int
        So many surnames are borne by half of these people, as in villages.
    """
    commonness = 1 / (np.arange(len(SURNAMES)) + 3.0)
    if clans:
        chosen = chance.weighted(commonness, clans)
        commonness[chosen] += commonness.sum() / len(chosen)
    surnames = chance.weighted(commonness, number).tolist()
    given = _given_names()
    names = chance.below(len(given), number).tolist()
    rare = chance.shares(number).tolist()
    return [
        SURNAMES[surname] + (given[name] if share >= RARE_SHARE else RARE[int(share / RARE_SHARE * len(RARE))])
        for surname, name, share in zip(surnames, names, rare, strict=True)
    ]


def enterprise_names(chance: Chance, place: str, classes: list[str]) -> list[str]:
    """Return one name for each enterprise, of the size class given; ``place`` stands first in each."""
    words = [a + b + trade for a in _LUCKY for b in _LUCKY if a != b for trade in _TRADES]
    chosen = chance.order(len(words))[: len(classes)].tolist()
    ends = chance.shares(len(classes)).tolist()
    return [
        f"{place}{words[word]}{_FIRMS[size][int(end * len(_FIRMS[size]))]}"
        for word, size, end in zip(chosen, classes, ends, strict=True)
    ]


def phones(chance: Chance, number: int) -> list[str]:
    """Return mobile numbers of eleven digits: 1990000 is given out to nobody, so that no call can reach anybody."""
    return [f"1990000{last:04}" for last in chance.below(10_000, number).tolist()]


def _given_names() -> list[str]:
    """All given names, so often that ``SINGLE_SHARE`` of people have one of a single character."""
    double = [a + b for firsts, seconds in (_MALE, _FEMALE) for a in firsts for b in seconds if a != b]
    single = [word for _, seconds in (_MALE, _FEMALE) for word in seconds]
    times = round(SINGLE_SHARE / (1 - SINGLE_SHARE) * len(double) / len(single))
    return double + single * times
