"""`manage.py reseal`: every identity under the newest key, whatever is cut off, broken or run again."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from io import StringIO
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.management import CommandError, call_command

from conduct.models import Clue
from conduct.queries import clues as queries
from conduct.services import clue_entry as services
from conduct.services import resealing
from core.models import AuditEvent
from core.services import audit, sealing

pytestmark = pytest.mark.django_db
SECRETS = {"k1": b"1" * 32, "k2": b"2" * 32, "K2": b"3" * 32}


def ring(*names):
    return ",".join(f"{name}:{base64.b64encode(SECRETS[name]).decode()}" for name in names)


def heard(district, number=0, *, is_named=True):
    who = {"is_named": True, "complainant": f"诸葛鸣冤{number}", "contact": f"139-4242-{number:04}"}
    return services.register_clue(
        channel="LETTER", received_on=district.today, title=f"反映窗口办件拖延{uuid4()}", content="内容",
        cadres=[district.cadres["clerk"]], submission_key=uuid4(), by=district.users["discipline"],
        at=district.now, **(who if is_named else {}),
    )[0]  # fmt: skip


@pytest.fixture
def sealed(district, settings):
    """Seven named clues under k1, one of them by a writer who wrote twice, and an anonymous one; then k2."""
    settings.SEALING_KEYS = ring("k1")
    clues = [heard(district, number) for number in (1, 2, 3, 4, 5, 6, 6)]
    heard(district, is_named=False)
    settings.SEALING_KEYS = ring("k2", "k1")
    return clues


def under():
    """Key → how many identities it seals, read from the stored text."""
    return Counter(clue.identity.partition("$")[0] for clue in Clue.objects.filter(is_named=True))


def stored():
    return list(Clue.objects.order_by("pk").values_list("pk", "identity", "contact_index"))


def index_by_hand(contact, key):
    """The index once more, without the code under test: HKDF, then HMAC of the digits."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"index").derive(SECRETS[key])
    return hmac.new(derived, contact.replace("-", "").encode(), hashlib.sha256).hexdigest()


def run(*arguments):
    out, err = StringIO(), StringIO()
    call_command("reseal", *arguments, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def rows():
    return AuditEvent.objects.filter(action="重新密封举报人身份")


def test_all_open_with_the_newest_key_alone_and_repeat_writers_are_still_known(district, sealed, settings):
    told = run()
    assert "已重新密封 7 条" in told and "打不开 0 条" in told
    assert under() == {"k2": 7}
    settings.SEALING_KEYS = ring("k2")
    for clue, number in zip(sealed, (1, 2, 3, 4, 5, 6, 6), strict=True):
        clue.refresh_from_db()
        who = json.loads(sealing.unseal(record=clue, field="identity"))
        assert who == {"name": f"诸葛鸣冤{number}", "contact": f"139-4242-{number:04}"}
        assert clue.contact_index == index_by_hand(who["contact"], "k2")
    indexes = sealing.contact_indexes("13942420006")
    assert queries.times_written(district.users["discipline"], indexes) == 2
    event = rows().get()
    assert event.after == {"sealing_key": "k2", "already": 0, "resealed": 7, "broken": []}
    assert (event.actor_id, event.target_label, event.target_id) == (None, "conduct.Clue", "*")
    assert audit.verify_chain()[1] is None


def test_before_it_the_old_index_is_another_one(sealed, settings):
    """The control: the index depends on the key, so that rotation without it would lose repeat writers."""
    assert sealed[0].contact_index == index_by_hand("13942420001", "k1")
    settings.SEALING_KEYS = ring("k2")
    assert sealed[0].contact_index not in sealing.contact_indexes("13942420001")


def test_a_second_run_finds_nothing_to_do_and_leaves_no_row(sealed):
    run()
    before = stored()
    assert "已重新密封 0 条，原已用它密封 7 条" in run()
    assert stored() == before and rows().count() == 1


def test_what_is_registered_after_the_change_is_left_alone(district, sealed):
    new = heard(district, 9)
    assert "已重新密封 7 条，原已用它密封 1 条" in run()
    assert Clue.objects.get(pk=new.pk).identity == new.identity


@pytest.mark.parametrize("after", [0, 1, 3, 4, 6])
def test_cut_off_anywhere_the_next_run_takes_up_the_rest(sealed, monkeypatch, after):
    seal, calls = sealing.seal, []

    def until_cut_off(**work):
        if len(calls) == after:
            raise KeyboardInterrupt
        calls.append(1)
        return seal(**work)

    monkeypatch.setattr(sealing, "seal", until_cut_off)
    with pytest.raises(KeyboardInterrupt):
        resealing.reseal_identities(batch=2, by=None, at=sealed[0].recorded_at)
    done = after // 2 * 2
    assert under() == +Counter({"k1": 7 - done, "k2": done}) and not rows().exists()
    monkeypatch.setattr(sealing, "seal", seal)
    found = resealing.reseal_identities(batch=2, by=None, at=sealed[0].recorded_at)
    assert (found.already, found.resealed, found.broken) == (done, 7 - done, ())
    assert under() == {"k2": 7} and rows().get().after["already"] == done


def test_what_does_not_open_is_named_by_its_id_and_the_others_are_done(sealed):
    changed, moved = sealed[1], sealed[4]
    Clue.objects.filter(pk=changed.pk).update(identity=changed.identity[:-8] + "AAAAAAA=")
    Clue.objects.filter(pk=moved.pk).update(identity=sealed[0].identity)
    before = {pk: rest for pk, *rest in stored()}
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("reseal", stdout=out)
    told = str(error.value) + out.getvalue()
    assert "有 2 条打不开" in told and "已重新密封 5 条" in told
    assert str(changed.pk) in told and str(moved.pk) in told
    for clue in sealed:
        assert clue.number not in told and clue.title not in told
        assert (str(clue.pk) in told) == (clue in (changed, moved))
    assert "诸葛" not in told and "4242" not in told and "$" not in told
    after = {pk: rest for pk, *rest in stored()}
    assert {pk for pk in after if after[pk] != before[pk]} == {c.pk for c in sealed} - {changed.pk, moved.pk}
    assert set(rows().get().after["broken"]) == {str(changed.pk), str(moved.pk)}


def test_with_the_old_key_gone_too_early_nothing_is_lost(sealed, settings):
    settings.SEALING_KEYS = ring("k2")
    before = stored()
    with pytest.raises(CommandError, match=r"有 7 条打不开[\s\S]*缺少旧密钥"):
        run()
    assert stored() == before
    settings.SEALING_KEYS = ring("k2", "k1")
    assert "已重新密封 7 条" in run()


def test_a_dry_run_opens_all_and_writes_nothing(sealed):
    Clue.objects.filter(pk=sealed[2].pk).update(identity="k1$QUJD")
    before, events = stored(), AuditEvent.objects.count()
    with pytest.raises(CommandError, match=str(sealed[2].pk)):
        run("--dry-run")
    Clue.objects.filter(pk=sealed[2].pk).update(identity=sealed[2].identity)
    assert "需要重新密封 7 条" in run("--dry-run")
    Clue.objects.filter(pk=sealed[2].pk).update(identity="k1$QUJD")
    assert stored() == before and AuditEvent.objects.count() == events


def test_keys_that_differ_in_case_only_are_two_keys(sealed, settings):
    run()
    settings.SEALING_KEYS = ring("K2", "k2")
    assert "密钥 K2：已重新密封 7 条" in run()
    assert under() == {"K2": 7}


def test_without_keys_it_says_what_to_do(sealed, settings):
    settings.SEALING_KEYS = ""
    before = stored()
    with pytest.raises(CommandError, match="SEALING_KEYS"):
        run()
    assert stored() == before


def test_statements_grow_with_batches_not_with_rows(
    district, sealed, settings, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12) as few:
        run()
    settings.SEALING_KEYS = ring("k1")
    for number in range(30):
        heard(district, number)
    Clue.objects.filter(identity__startswith="k2").update(identity="", is_named=False, contact_index="")
    settings.SEALING_KEYS = ring("k2", "k1")
    with django_assert_max_num_queries(12) as many:
        assert "已重新密封 30 条" in run()
    assert len(many.captured_queries) == len(few.captured_queries)


def test_the_auditor_reads_the_counts_and_nobody_a_name(district, sealed, as_role):
    run()
    page = as_role("auditor").get("/audit/").content.decode()
    assert "重新密封举报人身份" in page and "密封密钥" in page and "诸葛" not in page
    line = page.split("重新密封举报人身份", 1)[1].split("</tr>", 1)[0]
    assert "k2" in line and "7" in line
