"""Shared fixtures: a small district, people in every role, clients signed in as them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone

from conduct.models import Prohibition, Violation
from conduct.services import violations as conduct
from core.choices import Establishment, RoleCode, UnitKind
from core.models import Cadre, Unit, User
from core.services import accounts, audit, catalogues, people
from core.templatetags.audit import label_of
from projects.choices import MemberRole, MilestoneKind, ProjectKind
from projects.models import KeyProject, Milestone
from projects.services import milestones, projects
from tests.support.racing import environment, template  # noqa: F401 - fixtures
from tests.support.replay import built_once

DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def _test_settings(settings, tmp_path):
    """Cheap hashes, tasks run in place, files and anchors in the test's own folder."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECURE_SSL_REDIRECT = False
    settings.CELERY_TASK_ALWAYS_EAGER = True
    settings.AUDIT_ANCHOR_FILE = tmp_path / "anchors.log"
    settings.STORAGES = {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": None},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _audit_speaks_chinese(monkeypatch):
    """Whatever any test has a service tell the audit log has a label there."""
    record = audit.record

    def labelled(**told):
        row = record(**told)
        keys = {*row.before, *row.after}
        model = apps.get_model(row.target_label)
        assert [key for key in keys if label_of(model, key) is None] == [], f"no label: {row.action}"
        return row

    monkeypatch.setattr(audit, "record", labelled)


@dataclass
class District:
    """A district with two organs side by side, one second-tier body, and one account per role."""

    root: Unit
    bureau: Unit
    station: Unit
    other: Unit
    prohibitions: dict[str, Prohibition]
    cadres: dict[str, Cadre]
    users: dict[str, User]
    project: KeyProject
    foreign_project: KeyProject
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def milestone(self, name: str = "开工") -> Milestone:
        return self.project.milestones.get(name=name)

    def log(
        self, cadre: str = "clerk", *, by: str = "discipline", key: str = "B7", days_ago: int = 1, **said: Any
    ) -> Violation:
        """A violation recorded through the service; by itself it is said to be no repetition of another."""
        day = self.today - timedelta(days=days_ago)
        person = Cadre.objects.with_posting_on(day).get(pk=self.cadres[cadre].pk)
        violation, _ = conduct.log_violation(
            prohibition=self.prohibitions[key],
            cadre=person,
            unit_id=person.unit_id_on,
            occurred_on=day,
            place="便民服务大厅",
            project=None,
            found_by="INSPECTION",
            facts="上午九时不在岗。",
            submission_key=uuid4(),
            by=self.users[by],
            at=self.now,
            **{"distinct": True, **said},
        )
        return violation


ROLES: dict[str, tuple[str, RoleCode]] = {
    "discipline": ("officer", RoleCode.DISCIPLINE_OFFICER),
    "discipline2": ("officer2", RoleCode.DISCIPLINE_OFFICER),
    "dhead": ("secretary", RoleCode.DISCIPLINE_HEAD),
    "leader": ("leader", RoleCode.PROJECT_LEADER),
    "assessor": ("assessor", RoleCode.ASSESSMENT_OFFICER),
    "unithead": ("head", RoleCode.UNIT_HEAD),
    "cadre": ("clerk", RoleCode.CADRE),
    "chief": ("chief", RoleCode.LEADERSHIP),
    "sysadmin": ("", RoleCode.SYSTEM_ADMIN),
    "secadmin": ("", RoleCode.SECURITY_ADMIN),
    "auditor": ("", RoleCode.AUDITOR),
}
PASSWORD = "Test-Zuofeng-2026"


@pytest.fixture
def district(db: None) -> District:
    return built_once("district", _district)


def _district() -> District:
    now = timezone.now()
    today = timezone.localdate(now)

    def unit(code: str, name: str, kind: str, parent: Unit | None) -> Unit:
        return people.save_unit(code=code, name=name, kind=kind, parent=parent, by=None, at=now)

    root = unit("Q", "测试区", UnitKind.DISTRICT, None)
    bureau = unit("J1", "建设局", UnitKind.ORGAN, root)
    station = unit("J1-1", "征迁服务中心", UnitKind.SECOND_TIER, bureau)
    other = unit("J2", "财政局", UnitKind.ORGAN, root)
    catalogues.sync(model=Prohibition, by=None, at=now)
    homes = {
        "head": ("单立文", bureau),
        "clerk": ("曾国平", bureau),
        "worker": ("王小川", station),
        "leader": ("解明远", bureau),
        "outsider": ("任青", other),
        "officer": ("覃正", other),
        "officer2": ("仇磊", other),
        "assessor": ("林晓雪", other),
        "chief": ("区健", root),
        "secretary": ("宓远", other),
    }
    cadres = {
        key: people.save_cadre(
            staff_no=f"T{number:03}",
            name=name,
            unit=home,
            establishment=Establishment.CIVIL_SERVANT,
            post="科员",
            joined_on=today - timedelta(days=900),
            by=None,
            at=now,
        )
        for number, (key, (name, home)) in enumerate(homes.items(), start=1)
    }
    users = {}
    for username, (cadre, role) in ROLES.items():
        user = accounts.create_account(
            username=username,
            display_name=cadres[cadre].name if cadre else role.label,
            password=PASSWORD,
            cadre=cadres.get(cadre),
            by=None,
            at=now,
        )
        User.objects.filter(pk=user.pk).update(must_change_password=False)
        user.must_change_password = False
        held = (
            {role}
            if role in {RoleCode.SYSTEM_ADMIN, RoleCode.SECURITY_ADMIN, RoleCode.AUDITOR}
            else {role, RoleCode.CADRE}
        )
        for code in sorted(held):
            accounts.grant_role(
                user=user,
                role=code,
                unit=bureau if code == RoleCode.UNIT_HEAD else None,
                starts_on=today - timedelta(days=30),
                by=None,
                at=now,
            )
        users[username] = user

    def project(code: str, name: str, lead: Unit) -> KeyProject:
        made = projects.save_project(
            code=code,
            values={"name": name, "kind": ProjectKind.KEY, "lead_unit": lead, "year": today.year},
            by=None,
            at=now,
        )
        for order, (kind, offset) in enumerate(
            ((MilestoneKind.START, 10), (MilestoneKind.COMPLETE, 200)), start=1
        ):
            milestones.save_milestone(
                project=made,
                name=kind.label,
                by=None,
                at=now,
                values={
                    "kind": kind,
                    "order": order,
                    "weight": Decimal(order),
                    "progress": Decimal(20),
                    "planned_on": today + timedelta(days=offset),
                },
            )
        return made

    own, foreign = project("P1", "滨江大道项目", bureau), project("P2", "财政大楼项目", other)
    projects.appoint(
        project=own,
        cadre=cadres["leader"],
        role=MemberRole.LEADER,
        on=today - timedelta(days=100),
        by=None,
        at=now,
    )
    return District(
        root=root,
        bureau=bureau,
        station=station,
        other=other,
        prohibitions={p.key: p for p in Prohibition.objects.all()},
        cadres=cadres,
        users=users,
        project=own,
        foreign_project=foreign,
        now=now,
    )


@pytest.fixture
def as_role(district: District) -> Callable[[str], Client]:
    """A client signed in as the account of that name."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(district.users[username], backend="config.auth.Backend")
        return client

    return sign_in


AUDIT_TRIGGERS = {
    "sqlite": ("audit_no_fork", "audit_moves_head", "audit_no_update", "audit_no_delete"),
    "postgresql": ("audit_append", "audit_no_change", "audit_no_truncate"),
}


@pytest.fixture
def without_audit_triggers(district: District) -> None:
    """What somebody with the database's own powers could do: the triggers out of the way.

    The test's rollback brings them back: both engines create and drop triggers in transactions.
    """
    with connection.cursor() as cursor:
        for name in AUDIT_TRIGGERS[connection.vendor]:
            suffix = " ON core_auditevent" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{suffix}")


@pytest.fixture
def moment() -> datetime:
    return datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
