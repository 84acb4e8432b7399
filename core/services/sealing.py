"""The installation's sealing keys; who may open what is the business of the record's own service."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.rules import sealing
from core.rules.errors import DomainError


def keyring() -> sealing.Keyring:
    """The keys of the environment. Raises DomainError when there are none: nothing is stored unsealed."""
    text = str(settings.SEALING_KEYS)
    if not text:
        raise DomainError(
            "没有配置密封密钥，实名举报人的身份不能保存或查看，本次没有写入任何内容。"
            "请系统管理员设置环境变量 SEALING_KEYS 后重试。"
        )
    try:
        return sealing.parse_keys(text)
    except ValueError as error:
        raise DomainError(f"{error} 请系统管理员核对后重试。") from error


def newest_key() -> str:
    """The id of the key that seals now; what is sealed with it begins with the id and `$`."""
    return keyring().keys[0][0]


def seal(*, record: models.Model, field: str, text: str) -> str:
    """`text` sealed for this field of this row, whose key must be settled already."""
    at_place = sealing.place(record._meta.label, record.pk, field)
    return sealing.seal(text, keyring=keyring(), at_place=at_place)


def unseal(*, record: models.Model, field: str) -> str:
    """The text of a sealed field. Raises DomainError when it was changed, moved, or its key is gone."""
    at_place = sealing.place(record._meta.label, record.pk, field)
    try:
        return sealing.unseal(getattr(record, field), keyring=keyring(), at_place=at_place)
    except sealing.SealBroken as error:
        raise DomainError(f"{error} 身份没有打开，请联系系统管理员核对密封密钥和数据库备份。") from error


def contact_indexes(contact: str) -> tuple[str, ...]:
    """Blind indexes of a contact, the one to store first; empty without a contact."""
    value = sealing.normal_contact(contact)
    return sealing.blind_indexes(value, keyring=keyring()) if value else ()
