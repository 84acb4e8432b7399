"""Catalogues from YAML: idempotent, new versions added, old ones retired, nothing deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction

from core.models import CatalogueEntry, User
from core.rules.errors import DomainError
from core.services import audit


@dataclass
class SyncResult:
    """What a sync did, or with `check` would do, to one catalogue."""

    label: str
    added: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)

    @property
    def drifted(self) -> bool:
        return bool(self.added or self.retired)


def catalogue_models() -> list[type[CatalogueEntry]]:
    return [m for m in apps.get_models() if issubclass(m, CatalogueEntry)]


def read_entries(model: type[CatalogueEntry]) -> list[dict[str, Any]]:
    """Entries of the YAML file, its common values filled in. Raises DomainError naming file and entry."""
    path = Path(apps.get_app_config(model._meta.app_label).path) / model.catalogue_file
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    common = {key: value for key, value in document.items() if key != "entries"}
    fields = {f.name for f in model._meta.concrete_fields} - {"id"}
    entries = []
    for order, entry in enumerate(document["entries"], start=1):
        values = {"order": order, **common, **entry}
        if unknown := set(values) - fields:
            raise DomainError(f"{path.name} 第 {order} 项有未知字段：{'、'.join(sorted(unknown))}")
        for key in ("effective_from", "retired_on"):
            if isinstance(values.get(key), str):
                values[key] = date.fromisoformat(values[key])
        entries.append(values)
    return entries


@transaction.atomic
def sync(*, model: type[CatalogueEntry], check: bool = False, by: User | None, at: datetime) -> SyncResult:
    """Add the versions the file has and the table lacks; end the open version before a newer one.

    A version already in the table is left as it is: the office may have edited it, and the file is the
    default only. With `check` nothing is written.
    """
    result = SyncResult(model._meta.label)
    known = set(model.objects.values_list("key", "effective_from"))
    for values in read_entries(model):
        key, since = values["key"], values["effective_from"]
        if (key, since) in known:
            continue
        newer = model.objects.filter(key=key, effective_from__gt=since).order_by("effective_from").first()
        older = model.objects.filter(key=key, retired_on=None, effective_from__lt=since).first()
        result.added.append(f"{key}@{since}")
        if older is not None:
            result.retired.append(f"{key}@{older.effective_from}")
        if check:
            continue
        if older is not None:
            older.retired_on = since
            older.save(update_fields=["retired_on"])
            audit.record(action="停用目录版本", target=older, by=by, at=at, after={"retired_on": since})
        if newer is not None:
            values = {**values, "retired_on": newer.effective_from}
        row = model(**values)
        try:
            row.full_clean()
        except ValidationError as error:
            raise DomainError(f"{model.catalogue_file} 的 {key} 有误：{'；'.join(error.messages)}") from error
        row.save(force_insert=True)
        audit.record(action="新增目录版本", target=row, by=by, at=at, after=values)
    return result
