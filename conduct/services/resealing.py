"""Sealing every complainant's identity again with the newest key, so that an older one can be put away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from conduct.models import Clue
from conduct.queries.clues import sealed_otherwise
from core.models import User
from core.rules.errors import DomainError
from core.services import audit, sealing

BATCH = 200


@dataclass(frozen=True)
class Resealed:
    """What came of it: rows that had the key before, rows sealed with it now, and those that did not open."""

    key: str
    already: int
    resealed: int
    broken: tuple[UUID, ...]


def reseal_identities(
    *, dry_run: bool = False, batch: int = BATCH, by: User | None, at: datetime
) -> Resealed:
    """Open what another key sealed and seal it with the newest, the index of its contact with it.

    Batch by batch, each in a transaction: what was done stays done, and the next run takes up the rest. The
    last batch carries the one audit row, so that a run that was cut off has none and the one that ends it
    counts all. What does not open is left as it is. With `dry_run` everything is opened and nothing written.
    Raises DomainError without keys.
    """
    key = sealing.newest_key()
    waiting = list(sealed_otherwise(key).values_list("pk", flat=True))
    already = Clue.objects.filter(is_named=True).count() - len(waiting)
    found = Resealed(key, already, 0, ())
    for start in range(0, len(waiting), batch):
        with transaction.atomic():
            found = _one_batch(found, waiting[start : start + batch], write=not dry_run)
            if start + batch >= len(waiting) and not dry_run:
                facts = {
                    "sealing_key": key,
                    "already": found.already,
                    "resealed": found.resealed,
                    "broken": found.broken,
                }
                audit.record(action="重新密封举报人身份", target=Clue, by=by, at=at, after=facts)
    return found


def _one_batch(found: Resealed, ids: Sequence[UUID], *, write: bool) -> Resealed:
    """`found` with these rows; those that another run has sealed meanwhile are its own to count."""
    opened, broken = [], []
    for clue in sealed_otherwise(found.key).filter(pk__in=ids).select_for_update():
        try:
            text = sealing.unseal(record=clue, field="identity")
            contact = json.loads(text)["contact"]
        except (DomainError, ValueError, KeyError):
            broken.append(clue.pk)
            continue
        clue.identity = sealing.seal(record=clue, field="identity", text=text)
        clue.contact_index = next(iter(sealing.contact_indexes(contact)), "")
        opened.append(clue)
    if write:
        Clue.objects.bulk_update(opened, ["identity", "contact_index"])
    return Resealed(found.key, found.already, found.resealed + len(opened), (*found.broken, *broken))
