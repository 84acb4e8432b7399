"""Taking an imported table back: everything it brought goes, as long as nothing hangs on it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent, ImportBatch
from core.resources import batches, importing
from core.rules.errors import DomainError, NotAllowed
from core.services import audit
from projects.choices import MemberRole
from projects.models import KeyProject, Milestone, ProjectIssue, TaskforceMember
from projects.services import milestones, projects

pytestmark = pytest.mark.django_db
HEAD = "项目名称,责任单位,责任人,总投资(万元),完成时限,形象进度(%)\n"
TABLE = f"{HEAD}滨河路,建设局,解明远,3500,2026年12月底前,20\n滨江路,财政局,,800,2026年10月底前,0\n"


def bring(district, text=TABLE, name="项目表.csv", by="assessor"):
    user = district.users[by]
    batch = importing.preview_import(
        kind="projects", name=name, data=text.encode(), by=user, at=timezone.now()
    )
    return importing.confirm_import(batch_id=batch.pk, by=user, at=timezone.now())


def take_back(district, batch, by="assessor"):
    return batches.take_back_import(batch_id=batch.pk, by=district.users[by], at=timezone.now())


def test_everything_a_table_brought_goes_and_the_rest_stays(district):
    there = set(KeyProject.objects.values_list("pk", flat=True))
    nodes, members = Milestone.objects.count(), TaskforceMember.objects.count()
    batch = bring(district)
    assert KeyProject.objects.filter(import_batch=batch).count() == 2
    audits = AuditEvent.objects.count()
    assert len(take_back(district, batch)) == 2
    assert set(KeyProject.objects.values_list("pk", flat=True)) == there
    assert (Milestone.objects.count(), TaskforceMember.objects.count()) == (nodes, members)
    assert AuditEvent.objects.count() == audits + 3, "one row for each project and one for the table"
    assert audit.verify_chain()[1] is None
    with pytest.raises(DomainError, match="撤回过了"):
        take_back(district, batch)
    assert bring(district, name="再来.csv").report["totals"]["new"] == 2


def reported(district, project):
    milestone = project.milestones.get()
    milestones.update_milestone(
        milestone_id=milestone.pk, progress=Decimal(60), version=milestone.version,
        by=district.users["leader"], at=timezone.now(),
    )  # fmt: skip


def raised(district, project):
    ProjectIssue.objects.create(
        project=project, kind="LAND", title="用地未批", detail="用地未批", raised_on=district.today,
        due_on=district.today + timedelta(days=9),
        owner_unit=district.bureau, owner=district.cadres["leader"],
        submission_key="1" * 32, recorded_by=district.users["leader"], recorded_at=timezone.now(),
    )  # fmt: skip


def appointed(district, project):
    projects.appoint(
        project=project, cadre=district.cadres["clerk"], role=MemberRole.DEPUTY, on=district.today,
        by=None, at=timezone.now(),
    )  # fmt: skip


def suspended(district, project):
    projects.suspend_project(
        project_id=project.pk, note="待批", by=district.users["assessor"], at=timezone.now()
    )


def imported_again(district, project):
    bring(district, TABLE.replace("3500", "3600"), name="下月.csv")


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        (reported, "节点更新 1 处"),
        (raised, "项目问题 1 处"),
        (appointed, "攻坚小组成员 1 处"),
        (suspended, "办理经过 1 处"),
        (imported_again, "导入之后的修改 1 处"),
    ],
)
def test_what_hangs_on_a_project_hinders_and_is_named(district, happens, words):
    batch = bring(district)
    happens(district, KeyProject.objects.get(name="滨河路"))
    with pytest.raises(DomainError, match=f"“滨河路”已有{words}"):
        take_back(district, batch)
    assert KeyProject.objects.filter(import_batch=batch).count() == 2


def test_a_table_that_only_changed_what_was_there_is_not_taken_back(district):
    bring(district)
    later = bring(district, TABLE.replace("3500", "3600"), name="下月.csv")
    assert batches.hindrances(later) is None
    with pytest.raises(DomainError, match="没有新增"):
        take_back(district, later)


@pytest.mark.parametrize("role", ["leader", "unithead", "chief", "discipline"])
def test_who_may_not_import_projects_takes_none_back(district, as_role, role):
    batch = bring(district)
    with pytest.raises((NotAllowed, ImportBatch.DoesNotExist)):
        take_back(district, batch, by=role)
    path = reverse("core:import-take-back", args=[batch.pk])
    assert as_role(role).post(path).status_code in (403, 404)
    assert KeyProject.objects.filter(import_batch=batch).count() == 2


def test_the_batch_page_takes_back_and_explains_what_hinders(district, as_role):
    client = as_role("assessor")
    upload = {"kind": "projects", "file": SimpleUploadedFile("项目表.csv", TABLE.encode())}
    client.post("/imports/", upload)
    batch = ImportBatch.objects.get()
    page, back = f"/imports/{batch.pk}/", reverse("core:import-take-back", args=[batch.pk])
    assert "计划完成日期" in client.get(page).content.decode()
    assert "撤回这次导入" not in client.get(page).content.decode()
    assert "没有新增可以撤回" in client.post(back, follow=True).content.decode()
    client.post(f"/imports/{batch.pk}/confirm/")
    text = client.get(page).content.decode()
    assert "撤回这次导入" in text and f"source={batch.pk}" in text
    listed = client.get(f"/projects/?scope=all&source={batch.pk}").context["lines"]
    assert {line.project.name for line in listed} == {"滨河路", "滨江路"}
    appointed(district, KeyProject.objects.get(name="滨河路"))
    assert "现在不能撤回" in client.get(page).content.decode()
    assert "不能撤回：“滨河路”已有攻坚小组成员 1 处" in client.post(back, follow=True).content.decode()
    TaskforceMember.objects.filter(role=MemberRole.DEPUTY, project__name="滨河路").delete()
    assert "已撤回这次导入，删除新增的 2 条" in client.post(back, follow=True).content.decode()
    assert client.get(back).status_code == 405


def test_a_table_from_the_command_line_is_found_and_taken_back(district, as_role):
    importing.import_now(kind="projects", name="命令行.csv", data=TABLE.encode(), by=None, at=timezone.now())
    client = as_role("assessor")
    assert "命令行.csv" in client.get("/imports/").content.decode()
    batch = ImportBatch.objects.get()
    assert client.get(f"/imports/{batch.pk}/").status_code == 200
    assert as_role("discipline").get(f"/imports/{batch.pk}/").status_code == 404
    assert len(take_back(district, batch)) == 2


# --- what the table says of itself --------------------------------------------------------------------


def doubts(district, row):
    user = district.users["assessor"]
    batch = importing.preview_import(
        kind="projects", name="a.csv", data=f"{HEAD}{row}\n".encode(), by=user, at=timezone.now()
    )
    return [item["what"] for item in batch.report["contradictions"]]


def test_more_than_a_hundred_percent_is_not_swallowed(district):
    (what,) = doubts(district, "滨河路,建设局,,3500,2026年12月底前,130%")
    assert "130% 超过 100%" in what and "按 100% 记" in what
    assert doubts(district, "滨河路,建设局,,3500,2026年12月底前,100%") == []


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026年9月底前竣工;2026年10月底前开工", "竣工 2026-09-30 早于开工 2026-10-31"),
        ("2026年5月底前开工;2026年6月底前取得施工许可证", "开工 2026-05-31 早于取得施工许可证 2026-06-30"),
        ("2026年5月底前开工;2027年6月底前竣工", ""),
        ("2026年3月底前交地", ""),
    ],
)
def test_nodes_out_of_their_order_are_pointed_out(district, due, words):
    found = doubts(district, f"滨河路,建设局,,3500,{due},20")
    assert any(words in what for what in found) if words else found == []
