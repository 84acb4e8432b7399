"""The catalogues: 33 grounds, the kinds of measures and what keeps a wrong entry out."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accountability import queries
from accountability.choices import GroundGroup, Nature
from accountability.models import CombinationRule, Ground, MeasureKind
from accountability.rules.book import Book, parse_kind, version_on
from accountability.rules.grounds import parse_prohibitions, parse_suggestion
from core.models import AuditEvent
from core.rules.errors import DomainError
from core.services import catalogues
from core.services.catalogues import read_entries

MEASURES = read_entries(MeasureKind)
GROUNDS = read_entries(Ground)
LADDER = [entry["key"] for entry in MEASURES]


@pytest.fixture
def library(district):
    for model in (MeasureKind, CombinationRule, Ground):
        catalogues.sync(model=model, by=None, at=district.now)
    return district


def entry(key, **changed):
    """A measure of the file with something changed in its `rule`."""
    found = dict(next(item for item in MEASURES if item["key"] == key))
    return {"retired_on": None, "months": None, **found, "rule": {**found["rule"], **changed}}


class TestGrounds:
    def test_thirteen_five_eight_seven(self):
        assert Counter(ground["group"] for ground in GROUNDS) == {
            GroundGroup.BREACH: 13,
            GroundGroup.DECISION: 5,
            GroundGroup.WORK: 8,
            GroundGroup.STYLE: 7,
        }
        assert len({ground["key"] for ground in GROUNDS}) == 33

    def test_all_eight_prohibitions_are_covered(self):
        covered = {
            key for ground in GROUNDS for key in parse_prohibitions(ground.get("prohibition_keys", ""))
        }
        assert covered == {f"B{number}" for number in range(1, 9)}

    def test_every_suggestion_can_be_read_and_grows(self):
        for ground in GROUNDS:
            steps = [parse_suggestion(ground[name], LADDER) for name in ("light", "medium", "heavy")]
            heaviest = [max(LADDER.index(code) for code in step.codes) for step in steps]
            assert heaviest == sorted(heaviest), ground["key"]
            assert not steps[0].transfer, "nobody is handed over for the lightest case"

    def test_no_suggestion_is_a_punishment(self):
        """Punishments are for other organs to decide; here they are only handed over."""
        natures = {item["key"]: item["nature"] for item in MEASURES}
        for ground in GROUNDS:
            for name in ("light", "medium", "heavy"):
                for code in parse_suggestion(ground[name], LADDER).codes:
                    assert natures[code] not in {Nature.PARTY, Nature.GOVERNMENT, Nature.INSTITUTION}

    @pytest.mark.parametrize(
        ("text", "codes", "together", "transfer", "note"),
        [
            ("M01/M06", ("M01", "M06"), False, False, ""),
            ("M05+M08", ("M05", "M08"), True, False, ""),
            ("M11–M13，移送", ("M11", "M12", "M13"), False, True, ""),
            ("M08–M11（按次数累进）", ("M08", "M09", "M10", "M11"), False, False, "（按次数累进）"),
            ("M08，赌博移送", ("M08",), False, True, "赌博移送"),
            ("M09；达 15/30 天按辞退规定", ("M09",), False, False, "达 15/30 天按辞退规定"),
        ],
    )
    def test_what_a_suggestion_says(self, text, codes, together, transfer, note):
        found = parse_suggestion(text, LADDER)
        assert (found.codes, found.together, found.transfer, found.note) == (codes, together, transfer, note)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "读不懂"),
            ("诫勉", "读不懂"),
            ("M01 M06", "读不懂"),
            ("M01/", "读不懂"),
            ("M01/M77", "没有 M77"),
            ("M13–M11", "从轻写到重"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, text, message):
        with pytest.raises(DomainError) as caught:
            parse_suggestion(text, LADDER)
        assert message in caught.value.message


class TestMeasures:
    def test_every_kind_says_what_it_rests_on(self):
        for item in MEASURES:
            kind = parse_kind({"retired_on": None, **item})
            assert kind.basis
            assert not item["verified"], "nobody has compared it with the official text yet"
            assert not kind.persons & kind.ask
            if len(kind.persons | kind.ask) < 3:
                assert kind.refusal, kind.key

    def test_within_a_nature_the_list_goes_from_light_to_heavy(self):
        for nature in (Nature.PARTY, Nature.GOVERNMENT, Nature.INSTITUTION):
            months = [item.get("months") or 999 for item in MEASURES if item["nature"] == nature]
            assert months == sorted(months)

    @pytest.mark.parametrize(
        ("key", "changed", "message"),
        [
            (
                "M06",
                {"effects": [{"effect": "NO_SUCH", "start": "EFFECTIVE", "end": "PERIOD"}]},
                "第 1 项的 effect",
            ),
            (
                "M06",
                {"effects": [{"effect": "NO_RANK", "start": "EFFECTIVE", "end": "MONTHS"}]},
                "要写 months",
            ),
            (
                "M06",
                {"effects": [{"effect": "NO_RANK", "start": "EFFECTIVE", "end": "PERIOD", "x": 1}]},
                "没有“x”",
            ),
            ("M06", {"effects": ["NO_RANK"]}, "应当写 effect、start、end"),
            ("M06", {"effects": None}, "应当是一个列表"),
            ("M06", {"annual": ["BAD"]}, "rule.annual"),
            ("M06", {"persons": ["everybody"]}, "rule.persons"),
            ("M06", {"ended": "WHENEVER"}, "rule.ended"),
            ("M06", {"surprise": 1}, "没有“surprise”"),
            ("M06", {"terms": [12]}, "察看期只用于"),
            ("M06", {"caution": 5}, "rule.caution"),
            ("M06", {"usual_months": 0}, "1 至 240"),
            ("P04", {"terms": []}, "察看期的月数"),
            ("P04", {"annual_by_term": {"两年": []}}, "rule.annual_by_term"),
            (
                "M01",
                {"effects": [{"effect": "NO_RANK", "start": "EFFECTIVE", "end": "PERIOD"}]},
                "没有影响期的措施",
            ),
            (
                "M06",
                {"effects": [{"effect": "NO_RANK", "start": "EFFECTIVE", "end": "OWN_END"}]},
                "到措施结束",
            ),
            (
                "M06",
                {"effects": [{"effect": "NO_RANK", "start": "RESTORED", "end": "PERIOD"}]},
                "RESTORED 只用于",
            ),
        ],
    )
    def test_a_rule_that_cannot_be_computed_by_names_its_place(self, key, changed, message):
        with pytest.raises(DomainError) as caught:
            parse_kind(entry(key, **changed))
        assert message in caught.value.message
        assert caught.value.field == "rule"


@pytest.mark.django_db
class TestTables:
    def test_the_tables_say_what_the_files_say(self, library):
        assert queries.book() == queries.default_book()
        assert (MeasureKind.objects.count(), Ground.objects.count()) == (len(MEASURES), 33)

    def test_empty_tables_fall_back_on_the_files(self, db, django_assert_num_queries):
        with django_assert_num_queries(2):
            assert queries.book() == queries.default_book()

    def test_a_sync_twice_changes_nothing(self, library):
        for model in (MeasureKind, CombinationRule, Ground):
            assert not catalogues.sync(model=model, by=None, at=timezone.now()).drifted

    def test_a_new_version_counts_from_its_day(self, library):
        old = MeasureKind.objects.get(key="M05")
        old.retired_on = date(2026, 7, 1)
        old.save(update_fields=["retired_on"])
        rule = {**old.rule, "effects": [{"effect": "NO_PROMOTION", "start": "EFFECTIVE", "end": "PERIOD"}]}
        MeasureKind.objects.create(
            key="M05", name="通报", nature="INQUIRY", months=12, rule=rule, order=5,
            basis="本区办法", effective_from=date(2026, 7, 1),
        )  # fmt: skip
        book: Book = queries.book()
        assert version_on(book.kinds["M05"], date(2026, 6, 30))[0].months is None
        assert version_on(book.kinds["M05"], date(2026, 7, 1))[0].months == 12

    def test_a_wrong_entry_is_refused_in_the_admin_and_a_right_one_audited(self, library, as_role):
        client = as_role("discipline")
        data = {
            "key": "M20", "name": "约谈", "description": "", "order": 40, "effective_from": "2026-01-01",
            "retired_on": "", "basis": "本区办法", "nature": "EDUCATION", "months": "",
            "rule": '{"persons": ["nobody"], "ended": "RELEASED", "effects": [], "annual": []}',
        }  # fmt: skip
        page = client.post("/admin/accountability/measurekind/add/", data)
        assert page.status_code == 200
        assert "rule.persons" in page.content.decode()
        data["rule"] = data["rule"].replace("nobody", "contract")
        assert client.post("/admin/accountability/measurekind/add/", data).status_code == 302
        assert AuditEvent.objects.first().action == "新增目录"
        assert MeasureKind.objects.get(key="M20").spec().months is None

    def test_what_decides_is_fixed_once_written(self, library, as_role):
        kind = MeasureKind.objects.get(key="M06")
        client = as_role("discipline")
        page = client.get(f"/admin/accountability/measurekind/{kind.pk}/change/")
        form = page.context["adminform"].form
        assert not {"months", "rule", "nature", "key"} & set(form.fields)
        assert (
            as_role("assessor").get(f"/admin/accountability/measurekind/{kind.pk}/change/").status_code == 403
        )

    def test_a_ground_cannot_suggest_what_the_catalogue_lacks(self, library):
        ground = Ground.objects.get(key="W01")
        ground.heavy, ground.prohibition_keys = "M77", "④"
        with pytest.raises(ValidationError) as caught:
            ground.full_clean()
        assert set(caught.value.message_dict) == {"heavy", "prohibition_keys"}
