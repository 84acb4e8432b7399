"""The arithmetic of the audit chain: each row's hash covers the row and the hash before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class Link:
    """One audit row as the verifier sees it."""

    seq: int
    content: Mapping[str, Any]
    prev_hash: str
    hash: str


@dataclass(frozen=True)
class Break:
    """The first place at which the chain does not hold."""

    seq: int
    reason: str


def canonical(content: Mapping[str, Any]) -> bytes:
    """One byte string for equal contents: sorted keys, no blanks, UTF-8."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def link_hash(*, seq: int, content: Mapping[str, Any], prev_hash: str) -> str:
    """SHA-256 over position, predecessor and content, in hex."""
    return hashlib.sha256(f"{seq}\n{prev_hash}\n".encode() + canonical(content)).hexdigest()


def first_break(
    links: Iterable[Link], *, head: tuple[int, str], anchors: Mapping[int, frozenset[str]]
) -> Break | None:
    """Walk the chain in order; None when every row, the head and every outside anchor agree.

    `head` is the (seq, hash) the database claims, `anchors` are heads written outside it earlier: two
    different ones for the same row mean that the database was set back and written on.
    A deleted row shows as a gap, an edited one as a wrong hash, a cut tail as a head or anchor
    beyond the last row.
    """
    seq, prev = 0, GENESIS
    for link in links:
        if link.seq != seq + 1:
            return Break(seq + 1, f"缺少第 {seq + 1} 条至第 {link.seq - 1} 条，记录被删除")
        if link.prev_hash != prev:
            return Break(link.seq, "与上一条的哈希不衔接")
        if link.hash != link_hash(seq=link.seq, content=link.content, prev_hash=link.prev_hash):
            return Break(link.seq, "内容与哈希不符，记录被改动")
        if not anchors.get(link.seq, frozenset()) <= {link.hash}:
            return Break(link.seq, "与库外留存的锚点不符，此前的记录被整体重写")
        seq, prev = link.seq, link.hash
    last_anchor = max(anchors, default=0)
    if last_anchor > seq:
        return Break(seq + 1, f"库外锚点记到第 {last_anchor} 条，库内只到第 {seq} 条，尾部被截断")
    if head != (seq, prev):
        return Break(
            min(seq, head[0]) + 1, f"链头记到第 {head[0]} 条，库内到第 {seq} 条，尾部被截断或链头被改动"
        )
    return None
