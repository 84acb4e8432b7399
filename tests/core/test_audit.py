"""The audit chain: complete, append-only, and any tampering is named."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from core.models import AuditEvent, AuditHead, Unit
from core.rules.errors import DomainError
from core.services import audit, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(district):
    audit.anchor_head(at=timezone.now())
    count, broken = audit.verify_chain()
    assert broken is None
    assert count >= 30
    return count


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_an_untouched_chain_verifies(chain, capsys):
    call_command("verify_audit")
    assert f"共 {chain} 条" in capsys.readouterr().out


@pytest.mark.usefixtures("without_audit_triggers")
def test_an_edited_row_is_named(chain):
    execute("UPDATE core_auditevent SET actor_name = %s WHERE seq = %s", "别人", 7)
    with pytest.raises(CommandError, match="第 7 条处断开：内容与哈希不符"):
        call_command("verify_audit")


@pytest.mark.usefixtures("without_audit_triggers")
def test_a_deleted_row_is_named(chain):
    execute("DELETE FROM core_auditevent WHERE seq = %s", 5)
    with pytest.raises(CommandError, match="第 5 条处断开：缺少第 5 条"):
        call_command("verify_audit")


@pytest.mark.usefixtures("without_audit_triggers")
def test_a_cut_tail_is_named_even_when_the_head_is_moved_back(chain):
    execute("DELETE FROM core_auditevent WHERE seq > %s", chain - 3)
    with pytest.raises(CommandError, match=f"第 {chain - 2} 条处断开"):
        call_command("verify_audit")
    last = AuditEvent.objects.first()
    execute("UPDATE core_audithead SET seq = %s, hash = %s", last.seq, last.hash)
    with pytest.raises(CommandError, match=f"库外锚点记到第 {chain} 条"):
        call_command("verify_audit")


@pytest.mark.usefixtures("without_audit_triggers")
def test_a_chain_rewritten_from_the_start_disagrees_with_the_anchor(chain):
    prev = "0" * 64
    for event in AuditEvent.objects.order_by("seq"):
        event.actor_name = "改写"
        event.prev_hash = prev
        event.hash = prev = audit.link_hash(seq=event.seq, content=event.content(), prev_hash=prev)
        execute(
            "UPDATE core_auditevent SET actor_name=%s, prev_hash=%s, hash=%s WHERE seq=%s",
            event.actor_name,
            event.prev_hash,
            event.hash,
            event.seq,
        )
    execute("UPDATE core_audithead SET hash = %s", prev)
    with pytest.raises(CommandError, match="与库外留存的锚点不符"):
        call_command("verify_audit")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_auditevent SET actor_name = 'x' WHERE seq = 1",
        "DELETE FROM core_auditevent WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_rows(chain, sql):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(sql)


def test_the_database_refuses_a_fork(chain):
    event = AuditEvent.objects.order_by("seq").last()
    fork = AuditEvent(
        seq=event.seq + 1,
        at=timezone.now(),
        actor_name="x",
        action="x",
        target_label="x",
        target_id="1",
        target_name="x",
        prev_hash=event.prev_hash[::-1],
        hash="f" * 64,
    )
    with pytest.raises(IntegrityError, match="fork"), transaction.atomic():
        fork.save(force_insert=True)


def test_a_change_and_its_row_stand_or_fall_together(district, monkeypatch):
    def broken(**_):
        raise DatabaseError("audit table unwritable")

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(DatabaseError):
        people.save_unit(
            code="NEW", name="新单位", kind="ORGAN", parent=district.root, by=None, at=timezone.now()
        )
    assert not Unit.objects.filter(code="NEW").exists()


def test_a_row_outside_a_transaction_is_refused(monkeypatch):
    monkeypatch.setattr(transaction.get_connection(), "in_atomic_block", False)
    with pytest.raises(DomainError, match="同一事务"):
        audit.record(action="x", target=AuditHead(id=1, seq=0, hash=""), by=None, at=timezone.now())


def test_the_auditor_sees_who_did_what_but_no_business_content(district, as_role):
    """三员分立: the log names the record and the fields; names, facts and marks stay with the business."""
    violation = district.log("worker")  # who has no account: account names are the auditor's business
    page = as_role("auditor").get("/audit/").content.decode()
    (row,) = [row for row in page.split("<tr>") if "登记违规" in row]
    assert f"违规记录 {violation.pk}" in row.replace("\n", " ")
    assert "违规事实" in row
    assert "王小川" not in row
    for content in ("上午九时不在岗", "便民服务大厅"):
        assert content not in page
    assert "授予角色" in page


def test_reading_the_log_leaves_a_row(district, as_role):
    before = AuditEvent.objects.count()
    as_role("auditor").get("/audit/", {"action": "登记"})
    event = AuditEvent.objects.first()
    assert AuditEvent.objects.count() == before + 1
    assert (event.action, event.actor_name, event.after) == ("查看审计日志", "审计员", {"action": "登记"})


@pytest.mark.usefixtures("without_audit_triggers")
def test_a_restored_backup_that_was_written_on_contradicts_its_anchors(chain):
    """Set back by one row, one row written instead, anchored again: the file then holds two truths."""
    last, before = AuditEvent.objects.all()[:2]
    execute("DELETE FROM core_auditevent WHERE seq = %s", last.seq)
    digest = audit.link_hash(seq=last.seq, content=last.content() | {"action": "改写"}, prev_hash=before.hash)
    last.action, last.hash = "改写", digest
    last.save(force_insert=True)
    execute("UPDATE core_audithead SET seq = %s, hash = %s", last.seq, digest)
    audit.anchor_head(at=timezone.now())
    with pytest.raises(CommandError, match=f"第 {last.seq} 条处断开：与库外留存的锚点不符"):
        call_command("verify_audit")


def test_the_guards_stand_in_the_database():
    """A migration that rebuilds a guarded table on SQLite drops its triggers: this names the missing one."""
    expected = {
        "sqlite": {"audit_no_fork", "audit_moves_head", "audit_no_update", "audit_no_delete",
                   "grant_one_duty_insert", "grant_one_duty_update"},
        "postgresql": {"audit_append", "audit_no_change", "audit_no_truncate", "grant_one_duty"},
    }[connection.vendor]  # fmt: skip
    question = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(question)
        found = {row[0] for row in cursor.fetchall()}
    assert expected <= found


def test_signing_in_and_out_leaves_rows(district, client):
    client.post("/sign-in/", {"username": "cadre", "password": "Test-Zuofeng-2026"})
    client.post("/sign-out/")
    rows = AuditEvent.objects.filter(actor_id=district.users["cadre"].pk).order_by("-seq")[:2]
    assert [row.action for row in rows] == ["退出", "登录"]
