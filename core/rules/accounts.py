"""Pure rules of accounts: what may be a name to sign in with."""

from __future__ import annotations

import re

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def username_problem(text: str) -> str | None:
    """Why a text cannot be the name of an account, or None: it is typed at every sign-in, on any keyboard."""
    if USERNAME.fullmatch(text):
        return None
    wrong = "、".join(f"“{letter}”" for letter in dict.fromkeys(re.sub(r"[A-Za-z0-9._-]", "", text)))
    told = f"其中的 {wrong} 不能用" if wrong else "要以字母或数字开头"
    return f"账号只能用英文字母、数字和 . _ -，{told}。请改用姓名拼音或工号，姓名填在“姓名”栏。"
