"""What all pages share: the empty list that explains itself, buttons that lead somewhere."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "path", "noun"),
    [
        ("discipline", "/education/", "教育活动"),
        ("discipline", "/commendations/", "嘉奖表彰"),
        ("discipline", "/letters/", "督办函"),
        ("discipline", "/violations/", "违规记录"),
        ("discipline", "/clues/", "线索"),
        ("discipline", "/campaigns/", "专项活动"),
        ("discipline", "/notices/", "典型案例通报"),
        ("dhead", "/proposals/", "建议"),
    ],
)
def test_an_empty_list_says_whether_conditions_are_on(district, as_role, role, path, noun):
    client = as_role(role)
    for partial in ({}, {"HX-Request": "true"}):
        bare = client.get(path, headers=partial).content.decode()
        assert f"目前没有{noun}" in bare
        assert "放宽" not in bare and "符合条件" not in bare
    condition = "kind=CASE" if path == "/proposals/" else "q=毫无此物"
    narrowed = client.get(f"{path}?{condition}").content.decode()
    assert f"没有符合条件的{noun}" in narrowed
    assert f'请放宽或<a href="{path}">清除条件</a>再查' in narrowed


def test_a_list_with_a_single_search_box_does_the_same(district, as_role):
    page = as_role("sysadmin").get("/accounts/", {"q": "毫无此物"}).content.decode()
    assert "没有符合条件的账号" in page
    assert '<a href="/accounts/">清除条件</a>' in page


def test_an_order_alone_is_no_condition(district, as_role):
    page = as_role("discipline").get("/letters/", {"order": "recorded_at"}).content.decode()
    assert "目前没有督办函" in page


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        ("assessor", {"assessor"}, {"clerk", "worker", "outsider"}),
        ("unithead", {"clerk", "worker", "head"}, set()),
        ("discipline", {"clerk", "outsider"}, set()),
        ("cadre", {"clerk"}, set()),
    ],
)
def test_the_file_is_offered_only_to_who_may_open_it(district, as_role, role, shown, hidden):
    client = as_role(role)
    for name in shown | hidden:
        cadre = district.cadres[name]
        page = client.get(f"/cadres/{cadre.pk}/")
        assert page.status_code == 200, name
        assert (f'href="/cadres/{cadre.pk}/file/"' in page.content.decode()) == (name in shown), name
        assert (client.get(f"/cadres/{cadre.pk}/file/").status_code == 200) == (name in shown), name


def test_signing_out_is_labelled_on_every_width(district, as_role):
    page = as_role("cadre").get("/").content.decode()
    assert "</svg> 退出</button>" in page


def test_the_viewer_of_the_api_has_no_inline_style_or_script(district, as_role):
    answer = as_role("discipline").get("/api/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<style" not in page
    assert page.count("<script") == page.count("<script src=")
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
