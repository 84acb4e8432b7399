"""Triggers that no ORM path can go round: the audit chain is append-only and never forks, and 三员分立.

Anything that rebuilds one of these tables on SQLite (an altered column) drops its triggers: such a
migration runs `install` again. `tests/architecture` checks that they are there.
"""

from django.db import migrations

GENESIS = "0" * 64

SQLITE = {
    "audit_no_fork": """
        CREATE TRIGGER audit_no_fork BEFORE INSERT ON core_auditevent
        WHEN NOT EXISTS (
            SELECT 1 FROM core_audithead WHERE id = 1 AND seq = NEW.seq - 1 AND hash = NEW.prev_hash
        ) BEGIN SELECT RAISE(ABORT, 'audit chain would fork'); END
    """,
    "audit_moves_head": """
        CREATE TRIGGER audit_moves_head AFTER INSERT ON core_auditevent
        BEGIN UPDATE core_audithead SET seq = NEW.seq, hash = NEW.hash WHERE id = 1; END
    """,
    "audit_no_update": """
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON core_auditevent
        BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END
    """,
    "audit_no_delete": """
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON core_auditevent
        BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END
    """,
    "grant_one_duty_insert": """
        CREATE TRIGGER grant_one_duty_insert BEFORE INSERT ON core_rolegrant
        WHEN NEW.revoked_at IS NULL AND EXISTS (
            SELECT 1 FROM core_rolegrant
            WHERE user_id = NEW.user_id AND revoked_at IS NULL AND duty <> NEW.duty
        ) BEGIN SELECT RAISE(ABORT, 'one account serves one duty'); END
    """,
    "grant_one_duty_update": """
        CREATE TRIGGER grant_one_duty_update BEFORE UPDATE ON core_rolegrant
        WHEN NEW.revoked_at IS NULL AND EXISTS (
            SELECT 1 FROM core_rolegrant
            WHERE user_id = NEW.user_id AND revoked_at IS NULL AND duty <> NEW.duty AND id <> NEW.id
        ) BEGIN SELECT RAISE(ABORT, 'one account serves one duty'); END
    """,
}

POSTGRESQL = """
CREATE OR REPLACE FUNCTION core_audit_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE core_audithead SET seq = NEW.seq, hash = NEW.hash
    WHERE id = 1 AND seq = NEW.seq - 1 AND hash = NEW.prev_hash;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'audit chain would fork' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit rows are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION core_grant_one_duty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM core_user WHERE id = NEW.user_id FOR UPDATE;
    IF NEW.revoked_at IS NULL AND EXISTS (
        SELECT 1 FROM core_rolegrant
        WHERE user_id = NEW.user_id AND revoked_at IS NULL AND duty <> NEW.duty AND id <> NEW.id
    ) THEN
        RAISE EXCEPTION 'one account serves one duty' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS audit_append ON core_auditevent;
DROP TRIGGER IF EXISTS audit_no_change ON core_auditevent;
DROP TRIGGER IF EXISTS audit_no_truncate ON core_auditevent;
DROP TRIGGER IF EXISTS grant_one_duty ON core_rolegrant;
CREATE TRIGGER audit_append BEFORE INSERT ON core_auditevent
    FOR EACH ROW EXECUTE FUNCTION core_audit_append();
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON core_auditevent
    FOR EACH ROW EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON core_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION core_audit_refuse();
CREATE TRIGGER grant_one_duty BEFORE INSERT OR UPDATE ON core_rolegrant
    FOR EACH ROW EXECUTE FUNCTION core_grant_one_duty();
"""


def install(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
    else:
        for name, statement in SQLITE.items():
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
            schema_editor.execute(statement)


def first_head(apps, schema_editor):
    apps.get_model("core", "AuditHead").objects.get_or_create(id=1, defaults={"seq": 0, "hash": GENESIS})


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunPython(first_head, migrations.RunPython.noop),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
