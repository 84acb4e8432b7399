"""Sealed text: encrypted at rest, bound to its place, findable only by equality. Keys come in as arguments.

AES-256-GCM with a random nonce; the additional data is the place (model, row, field), so that a sealed text
moved to another row does not open. A blind index is an HMAC-SHA256 of the normalised value: equal values can
be counted without being read. Sealing and indexing use separate keys derived from one master key (HKDF).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import unicodedata
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")


class SealBroken(ValueError):
    """The sealed text was changed, moved to another row, or its key is not there any more."""


@dataclass(frozen=True)
class Keyring:
    """Master keys by id: the first seals, all of them open."""

    keys: tuple[tuple[str, bytes], ...]

    def __repr__(self) -> str:
        return f"Keyring({', '.join(name for name, _ in self.keys)})"


def derive(secret: bytes, *, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


def parse_keys(text: str) -> Keyring:
    """`k2:base64,k1:base64` → keys. Raises ValueError, without repeating a key, for anything else."""
    keys: dict[str, bytes] = {}
    for number, part in enumerate(text.split(","), start=1):
        name, _, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not KEY_ID.fullmatch(name) or len(key) != KEY_BYTES or name in keys:
            raise ValueError(
                f"SEALING_KEYS 第 {number} 段不对：应为“编号:密钥”，编号不重复，密钥是 32 字节的 base64。"
            )
        keys[name] = key
    return Keyring(tuple(keys.items()))


def place(label: str, row: object, field: str) -> str:
    """Where a sealed text belongs: model label, row and field."""
    return f"{label}/{row}/{field}"


def seal(text: str, *, keyring: Keyring, at_place: str) -> str:
    """`key id$base64(nonce + ciphertext)`, with the first key."""
    name, master = keyring.keys[0]
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(derive(master, purpose="seal"))
    boxed = cipher.encrypt(nonce, text.encode(), f"{name}/{at_place}".encode())
    return f"{name}${base64.b64encode(nonce + boxed).decode()}"


def unseal(sealed: str, *, keyring: Keyring, at_place: str) -> str:
    """Raises SealBroken when the text, its place or its key is not what it was."""
    name, _, encoded = sealed.partition("$")
    master = dict(keyring.keys).get(name)
    if master is None:
        raise SealBroken(f"没有编号为“{name[:16]}”的密封密钥。")
    try:
        raw = base64.b64decode(encoded, validate=True)
        cipher = AESGCM(derive(master, purpose="seal"))
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{name}/{at_place}".encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SealBroken("密封内容被改动过，或不属于这条记录。") from error


def normal_contact(text: str) -> str:
    """One spelling of a telephone number or address: width, case, blanks and dashes do not count."""
    return re.sub(r"[\s\-－—()（）+.]", "", unicodedata.normalize("NFKC", text)).lower()


def blind_indexes(value: str, *, keyring: Keyring) -> tuple[str, ...]:
    """The index of a value under every key; the first is the one to store. Nothing for an empty value."""
    if not value:
        return ()
    return tuple(
        hmac.new(derive(master, purpose="index"), value.encode(), hashlib.sha256).hexdigest()
        for _, master in keyring.keys
    )
