"""Word lists, and names made from them with a seeded generator. All invented."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁"
    "沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂香玉梅建国华志文辉红春燕云飞龙凤金银生根"
    "福贵才德清秋月水木火土山林海江河田园荣昌盛发财旺兴顺安康宁和睦善良美珍珠宝莲菊竹松柏青翠"
)
RARE = "𬭚㙟镕喆堃犇淼垚翀昇玥赟媭𫍯"
VILLAGE_FIRST = "上下东西南北前后大小新老长高平横石金银白青红黄黑清溪水山岩坑洋坪坂坞桥渡湾潭洲塘井泉岭峰坡墩"
VILLAGE_SECOND = "溪洋坪坂坞桥渡湾潭洲塘井泉岭坡墩坑源垄厝楼亭祠寨村庄店墟铺田坝沙石岩竹松梅桃李枫樟茶麻稻"
COMMUNITY = (
    "和顺",
    "文昌",
    "迎春",
    "临水",
    "望江",
    "建设",
    "东门",
    "西门",
    "朝阳",
    "解放",
    "幸福里",
    "书院",
    "码头",
    "钟楼",
    "新安",
    "学府",
    "丰泽里",
    "兴业",
    "长乐里",
    "桂苑",
)
TRADES = (
    "竹木",
    "茶业",
    "食用菌",
    "机械",
    "纺织",
    "建材",
    "粮油",
    "商贸",
    "物流",
    "电子",
    "农机",
    "水产",
    "包装",
    "石材",
    "家具",
    "药材",
    "餐饮",
    "五金",
    "服饰",
    "果蔬",
)
FIRMS = ("有限公司", "厂", "合作社", "经营部", "个体工商户", "商行", "加工场")
LUCKY = "永恒鼎盛宏达瑞丰嘉禾源泰信诚博远聚鑫华茂"


def person_names(generator: np.random.Generator, number: int) -> list[str]:
    """Return people's names of two or three characters, a few with rare ones."""
    surnames = generator.integers(0, len(SURNAMES), number).tolist()
    first = generator.integers(0, len(GIVEN), number).tolist()
    second = generator.integers(0, len(GIVEN), number).tolist()
    kinds = generator.random(number).tolist()
    rare = generator.integers(0, len(RARE), number).tolist()
    names = []
    for surname, a, b, kind, c in zip(surnames, first, second, kinds, rare, strict=True):
        given = RARE[c] if kind < 0.004 else GIVEN[a] if kind < 0.25 else GIVEN[a] + GIVEN[b]
        names.append(SURNAMES[surname] + given)
    return names


def village_names(generator: np.random.Generator) -> Iterator[str]:
    """Give village names without end, none twice."""
    pairs = [a + b for a in VILLAGE_FIRST for b in VILLAGE_SECOND if a != b]
    for place in generator.permutation(len(pairs)).tolist():
        yield pairs[place]


def enterprise_names(generator: np.random.Generator, township: str, number: int) -> list[str]:
    """Return enterprises' names, most of them small ones'."""
    place = township.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    words = generator.integers(0, [len(LUCKY), len(LUCKY), len(TRADES), len(FIRMS)], (number, 4)).tolist()
    return [f"{place}{LUCKY[a]}{LUCKY[b]}{TRADES[c]}{FIRMS[d]}" for a, b, c, d in words]
