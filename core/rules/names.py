"""Search keys for Chinese names: full pinyin and initials, with the surnames that pypinyin misreads."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin

# Surname readings that differ from the character's common reading.
SURNAMES = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "区": "ou",
    "查": "zha",
    "朴": "piao",
    "覃": "qin",
    "盖": "ge",
    "任": "ren",
    "华": "hua",
    "尉": "wei",
    "万俟": "mo qi",
    "尉迟": "yu chi",
    "长孙": "zhang sun",
    "种": "chong",
    "重": "chong",
    "黑": "he",
    "折": "she",
    "乐": "yue",
    "员": "yun",
    "缪": "miao",
    "宓": "fu",
    "翟": "zhai",
    "燕": "yan",
    "晁": "chao",
    "卜": "bu",
    "纪": "ji",
    "召": "shao",
    "洗": "xian",
    "冼": "xian",
    "逄": "pang",
    "令狐": "ling hu",
    "澹台": "tan tai",
    "呼延": "hu yan",
    "宁": "ning",
    "车": "che",
    "柏": "bai",
    "葛": "ge",
    "哈": "ha",
    "那": "na",
    "谌": "chen",
    "尹": "yin",
    "应": "ying",
    "佴": "nai",
    "郗": "chi",
}


def search_keys(name: str) -> tuple[str, str]:
    """(full pinyin, initials) of a name, lower case, ü as v: 曾国平 → ("zengguoping", "zgp")."""
    surname = next((s for s in (name[:2], name[:1]) if s in SURNAMES), "")
    syllables = SURNAMES[surname].split() if surname else []
    syllables += lazy_pinyin(name[len(surname) :], style=Style.NORMAL, v_to_u=False)
    syllables = ["".join(c for c in s.lower() if c.isalnum()) for s in syllables]
    return "".join(syllables), "".join(s[0] for s in syllables if s)
