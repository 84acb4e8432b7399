"""Who sees which result, the ranking, and how every point is explained."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment.choices import RunState
from assessment.models import Run
from assessment.queries import results
from core.models import Cadre

RANKING = "/ranking/"


def names(month: Any, who: str, run: Run) -> set[str]:
    return set(results.ranking(month.user(who), run).values_list("cadre__name", flat=True))


ALL = {"单立文", "曾国平", "王小川", "解明远", "任青", "覃正", "仇磊", "林晓雪", "区健", "宓远"}


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("assessor", ALL),
        ("chief", ALL),
        ("unithead", {"单立文", "曾国平", "王小川", "解明远"}),
        ("cadre", {"曾国平"}),
        ("leader", {"解明远"}),
        ("discipline", {"覃正"}),
        ("sysadmin", set()),
        ("secadmin", set()),
        ("auditor", set()),
    ],
)
def test_everybody_sees_the_own_scope_only(filled: Any, who: str, expected: set[str]) -> None:
    assert names(filled, who, filled.run()) == expected


def test_the_scope_follows_the_unit_of_that_day(filled: Any) -> None:
    run = filled.run()
    Cadre.objects.filter(pk=filled.cadre("outsider").pk).update(unit=filled.district.bureau)
    assert "任青" not in names(filled, "unithead", run)


def test_an_unfinished_or_failed_run_shows_nothing(filled: Any) -> None:
    run = filled.run()
    Run.objects.filter(pk=run.pk).update(state=RunState.FAILED, sha256="")
    assert names(filled, "assessor", run) == set()
    assert not results.runs_visible_to(filled.user("assessor")).exists()


def result_url(run: Run, cadre: Cadre) -> str:
    return reverse("assessment:result-detail", args=[run.results.get(cadre=cadre).pk])


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("assessor", "outsider", 200),
        ("chief", "clerk", 200),
        ("unithead", "clerk", 200),
        ("unithead", "worker", 200),
        ("unithead", "outsider", 404),
        ("cadre", "clerk", 200),
        ("cadre", "worker", 404),
        ("leader", "clerk", 404),
        ("sysadmin", "clerk", 403),
        ("secadmin", "clerk", 403),
        ("auditor", "clerk", 403),
    ],
)
def test_a_foreign_result_is_not_found(filled: Any, as_role: Any, who: str, whose: str, status: int) -> None:
    run = filled.run()
    client = as_role(who)
    assert client.get(result_url(run, filled.cadre(whose))).status_code == status
    missing = client.get(reverse("assessment:result-detail", args=[999_999]))
    assert missing.status_code == (403 if status == 403 else 404)


def test_the_explanation_shows_every_point_and_the_records(filled: Any, as_role: Any) -> None:
    run = filled.run()
    page = as_role("assessor").get(result_url(run, filled.cadre("clerk"))).content.decode()
    assert "69.40" in page
    for text in (
        "88.3333",
        "17.67",
        "12.73",
        "-6.00",
        "无承担节点",
        "含他项缺项归一的权重",
        "3 名评分人",
        "2 件违规",
    ):
        assert text in page, text
    assert "单立文 90" in page  # who gave which mark, for the assessment office


def test_a_line_leads_to_the_records_the_reader_may_see(filled: Any, as_role: Any) -> None:
    run = filled.run()
    leader = result_url(run, filled.cadre("leader"))
    page = as_role("leader").get(leader).content.decode()
    assert reverse("projects:project-detail", args=[filled.district.project.pk]) in page
    assert "3 个节点" in page
    clerk = result_url(run, filled.cadre("clerk"))
    (counted, *_) = run.results.get(cadre=filled.cadre("clerk")).lines[6][6]
    record = reverse("conduct:violation-detail", args=[counted])
    assert record in as_role("cadre").get(clerk).content.decode()
    # Whom objections go to can follow every deduction to its record.
    assert record in as_role("assessor").get(clerk).content.decode()


def test_a_cadre_sees_every_point_but_no_place_and_no_other_name(filled: Any, as_role: Any) -> None:
    run = filled.run()
    client = as_role("cadre")
    assert client.get(RANKING).url == reverse("assessment:my-results")
    mine = client.get(reverse("assessment:my-results")).content.decode()
    detail = client.get(result_url(run, filled.cadre("clerk"))).content.decode()
    assert "69.40" in mine and "69.40" in detail
    assert "50%–75%" in detail
    for text in ("全区名次</dt>", "单位名次</dt>", *(ALL - {"曾国平"})):
        assert text not in mine, text
        assert text not in detail, text


def test_raters_are_not_named_to_the_unit_head(filled: Any, as_role: Any) -> None:
    page = as_role("unithead").get(result_url(filled.run(), filled.cadre("clerk"))).content.decode()
    assert "区健" not in page
    assert "3 名评分人" in page


def test_the_ranking_page_lists_ranks_totals_and_columns(filled: Any, as_role: Any) -> None:
    filled.run()
    page = as_role("assessor").get(RANKING).content.decode()
    assert page.index("王小川") < page.index("解明远") < page.index("曾国平") < page.index("任青")
    assert 'colspan="5"' in page and "五干作风" in page
    assert "导出 Excel" in page
    assert "无承担节点" in page and "样本不足" in page
    unit = as_role("unithead").get(RANKING).content.decode()
    assert "任青" not in unit
    assert "导出 Excel" not in unit


def test_filters_and_partial_swap(filled: Any, as_role: Any) -> None:
    run = filled.run()
    client = as_role("assessor")
    assert "解明远" not in client.get(RANKING, {"q": "zeng"}).content.decode().split("<tbody>")[1]
    by_unit = client.get(RANKING, {"unit": filled.district.bureau.pk}).content.decode().split("<tbody>")[1]
    assert "王小川" in by_unit and "任青" not in by_unit
    partial = client.get(RANKING, {"q": "曾"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in partial and "曾国平" in partial
    assert client.get(RANKING, {"run": run.pk}).status_code == 200
    assert client.get(RANKING, {"run": 999_999}).status_code == 404
    assert client.get(RANKING, {"run": "x"}).status_code == 404
    assert client.get(RANKING, {"order": "unit"}).status_code == 200
    assert client.get(RANKING, {"order": "cadre__user__password"}).status_code == 200
    assert "没有符合条件的人员" in client.get(RANKING, {"q": "不存在"}).content.decode()


def test_the_newest_final_version_is_shown_unless_another_is_asked_for(filled: Any, as_role: Any) -> None:
    first = filled.run()
    filled.rate(filled.cadre("officer"), (1, 1, 1, 1, 1))
    filled.run(again=True)
    client = as_role("assessor")
    assert "第 2 次核算" in client.get(RANKING).content.decode()
    assert "第 1 次核算" in client.get(RANKING, {"run": first.pk}).content.decode().split("run-line")[1]


def test_without_results_the_page_says_what_comes(month: Any, as_role: Any) -> None:
    assert "还没有核算结果" in as_role("assessor").get(RANKING).content.decode()
    assert "还没有您的考核结果" in as_role("cadre").get(reverse("assessment:my-results")).content.decode()


def test_the_ranking_costs_the_same_number_of_queries_for_many(filled: Any, as_role: Any, crowd: Any) -> None:
    filled.run()
    client = as_role("assessor")
    client.get(RANKING)  # the first page of a session also writes the session
    with CaptureQueriesContext(connection) as few:
        client.get(RANKING)
    crowd(100)
    filled.run(again=True)
    with CaptureQueriesContext(connection) as many:
        assert "共 <b>110</b>" in client.get(RANKING).content.decode()
    assert len(many) == len(few)
    assert len(few) <= 12


def test_the_explanation_costs_few_queries(filled: Any, as_role: Any) -> None:
    run = filled.run()
    client = as_role("assessor")
    client.get(RANKING)
    with CaptureQueriesContext(connection) as captured:
        client.get(result_url(run, filled.cadre("leader")))
    assert len(captured) <= 10


# Periods.


def test_the_period_list_shows_states_and_polls_while_running(filled: Any, as_role: Any) -> None:
    client = as_role("assessor")
    page = client.get(reverse("assessment:period-list")).content.decode()
    assert "收集" in page and 'hx-trigger="every 2s"' not in page
    run = Run.objects.get(pk=filled.run().pk)
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, sha256="", finished_at=None)
    partial = client.get(reverse("assessment:period-list"), headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in partial and "核算中" in partial and "1/1" in partial
    detail = client.get(
        reverse("assessment:period-detail", args=[filled.period.pk]), headers={"HX-Request": "true"}
    )
    assert 'hx-trigger="every 2s"' in detail.content.decode()


def test_the_assessment_office_may_start_a_run_by_hand(filled: Any, as_role: Any) -> None:
    client = as_role("assessor")
    start = reverse("assessment:run-start", args=[filled.period.pk])
    answer = client.post(start, follow=True).content.decode()
    assert "已交后台处理" in answer
    assert "正在核算" in answer or "第 1 次" in answer
    assert Run.objects.get().started_by == filled.user("assessor")
    assert client.get(start).status_code == 405


def test_an_unusable_scheme_is_explained_on_the_page(filled: Any, as_role: Any) -> None:
    filled.scheme.definition["indicators"][0]["weight"] = 13
    filled.scheme.save()
    start = reverse("assessment:run-start", args=[filled.period.pk])
    page = as_role("assessor").post(start, follow=True).content.decode()
    assert "权重合计 101" in page
    assert not Run.objects.exists()


@pytest.mark.parametrize("who", ["unithead", "cadre", "leader", "chief", "discipline", "sysadmin", "auditor"])
def test_periods_are_managed_by_the_assessment_office_only(filled: Any, as_role: Any, who: str) -> None:
    client = as_role(who)
    for name, arguments in (("period-list", []), ("period-detail", [filled.period.pk])):
        assert client.get(reverse(f"assessment:{name}", args=arguments)).status_code == 403
    assert client.post(reverse("assessment:run-start", args=[filled.period.pk])).status_code == 403
    assert not Run.objects.exists()


# REST.


def test_rest_serves_the_same_scope(filled: Any, as_role: Any) -> None:
    run = filled.run()
    everything = as_role("assessor").get("/api/v1/results/").json()
    assert everything["count"] == 10
    clerk = next(one for one in everything["results"] if one["cadre_name"] == "曾国平")
    assert (clerk["total"], clerk["rank_in_district"], clerk["version"]) == ("69.4000", 3, 1)
    assert clerk["breakdown"][0] == {
        "indicator": "SWIFT",
        "name": "快干",
        "raw": "88.3333",
        "sample": 3,
        "weight": "20",
        "points": "17.67",
        "note": "含他项缺项归一的权重",
    }
    own = as_role("cadre").get("/api/v1/results/").json()
    assert [one["cadre_name"] for one in own["results"]] == ["曾国平"]
    assert "rank_in_district" not in own["results"][0]
    foreign = run.results.get(cadre=filled.cadre("outsider")).pk
    assert as_role("unithead").get(f"/api/v1/results/{foreign}/").status_code == 404
    assert as_role("assessor").get(f"/api/v1/results/{foreign}/").status_code == 200
    for who in ("sysadmin", "secadmin", "auditor"):
        assert as_role(who).get("/api/v1/results/").status_code == 403
        assert as_role(who).get("/api/v1/periods/").status_code == 403


def test_rest_periods_and_filters(filled: Any, as_role: Any) -> None:
    run = filled.run()
    client = as_role("assessor")
    (period,) = client.get("/api/v1/periods/").json()["results"]
    assert (period["kind"], period["state"], period["name"]) == ("MONTH", "REVIEW", filled.period.span.label)
    assert client.get("/api/v1/results/", {"period": run.period_id}).json()["count"] == 10
    assert client.get("/api/v1/results/", {"period": 0}).json()["count"] == 0
    assert client.get("/api/v1/results/", {"cadre__user__password__startswith": "m"}).json()["count"] == 10
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)("/api/v1/periods/").status_code == 405


def test_rest_results_cost_the_same_number_of_queries_for_many(filled: Any, as_role: Any, crowd: Any) -> None:
    filled.run()
    client = as_role("assessor")
    client.get("/api/v1/results/")
    with CaptureQueriesContext(connection) as few:
        client.get("/api/v1/results/")
    crowd(40)
    filled.run(again=True)
    with CaptureQueriesContext(connection) as many:
        assert client.get("/api/v1/results/").json()["count"] == 60
    assert len(many) == len(few)
