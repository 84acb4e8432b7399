"""The menu: by right, folded where it does not fit, and the page shown is lit."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from config.navigation import MENU, MENU_FITS, STARTS, entry_of
from core.permissions import Public, declared_rule
from tests.config.test_access import ROLES

# Pages that belong to no line of the menu, each with its reason.
ALONE = {
    "core:sign-in": "before the menu",
    "core:sign-out": "leads to the sign-in page",
    "core:password-change": "behind one's own name",
    "core:search": "behind the box in the head",
    "core:job-status": "part of the page that started the job",
    "api-token": "no page",
    "api-schema": "no page",
    "api-docs": "outside the frame",
    "healthz": "no page",
    "readyz": "no page",
}


def names(resolver=None, prefix=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace == "admin":
                continue
            yield from names(entry, f"{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern):
            yield prefix + (entry.name or "")


def test_every_page_belongs_to_a_line_of_the_menu():
    """A new page lights its line by its name; one that does not must be named here with its reason."""
    pages = {name for name in names() if ":" in name}
    assert len(pages) >= 90
    assert sorted(name for name in pages if entry_of(name) is None and name not in ALONE) == []
    assert sorted(name for name in ALONE if ":" in name and entry_of(name)) == []


@pytest.mark.parametrize(
    ("view", "label"),
    [
        ("conduct:violation-create", "登记违规"),
        ("conduct:violation-detail", "违规记录"),
        ("conduct:violation-bulk", "违规记录"),
        ("conduct:inspection-finding", "检查记录"),
        ("conduct:inspectionplan-edit", "检查计划"),
        ("conduct:supervisor-list", "检查计划"),
        ("conduct:handover-list", "线索"),
        ("conduct:clause-detail", "法规制度"),
        ("conduct:case-list", "作风统计"),
        ("conduct:dossier", "单位与干部"),
        ("conduct:my-dossier", "我的档案"),
        ("core:unit-edit", "单位与干部"),
        ("core:import-preview", "导入表格"),
        ("projects:milestone-update", "项目与节点"),
        ("accountability:calculator", "影响期试算"),
        ("assessment:my-results", "结果与排名"),
        ("assessment:rating-edit", "五干评分"),
        ("assessment:run-start", "考核周期"),
    ],
)
def test_which_line_a_page_lights(view, label):
    entry = entry_of(view)
    assert entry is not None
    assert entry.label == label


def test_menu_and_shortcuts_ask_for_what_their_page_asks():
    resolver = get_resolver()
    checked = 0
    for entry in [*STARTS, *(entry for _, entries in MENU for entry in entries)]:
        if entry.url_name == "admin:index":
            continue
        rule = declared_rule(resolver.resolve(reverse(entry.url_name)).func)
        # A shortcut may ask for more than its page: who only reads a list begins nothing there.
        assert rule is Public.SIGNED_IN or rule in entry.needs or entry in STARTS, entry.label
        checked += 1
    assert checked >= 30


@pytest.mark.django_db
class TestShown:
    def groups(self, client, url="/"):
        return client.get(url, follow=True).context["menu"]

    def lit(self, client, url):
        return [
            line["label"] for group in self.groups(client, url) for line in group.lines if line["current"]
        ]

    def test_ones_own_file_and_somebody_elses(self, district, as_role):
        head = as_role("unithead")
        own, other = district.cadres["head"].pk, district.cadres["clerk"].pk
        assert self.lit(head, f"/cadres/{own}/file/") == ["我的档案"]
        assert self.lit(head, f"/cadres/{other}/file/") == ["单位与干部"]

    def test_a_detail_page_lights_its_list(self, district, as_role):
        violation = district.log()
        assert self.lit(as_role("discipline"), f"/violations/{violation.pk}/") == ["违规记录"]

    def test_what_one_may_not_see_lights_nothing_else(self, district, as_role):
        answer = as_role("cadre").get("/periods/")
        assert answer.status_code == 403
        assert not [line for group in answer.context["menu"] for line in group.lines if line["current"]]

    @pytest.mark.parametrize("role", ROLES)
    def test_what_stands_open_fits_and_the_group_of_the_page_is_open(self, district, as_role, role):
        client = as_role(role)
        groups = self.groups(client)
        assert sum(len(group.lines) for group in groups if group.open) <= MENU_FITS
        for group in groups:
            assert group.heading == "" or len(group.lines) > 1
            for line in group.lines:
                if line["url"] != "/admin/":
                    (here,) = [g for g in self.groups(client, line["url"]) if g.current]
                    assert here.open

    def test_a_long_menu_folds_and_says_so_to_screen_readers(self, district, as_role):
        page = as_role("dhead").get("/clues/").content.decode()
        assert '<details class="nav-group" data-nav="作风监督" data-current open>' in page
        assert '<details class="nav-group" data-nav="基础数据">' in page
        assert page.count('aria-current="page"') == 1
