"""The side menu, by what the account may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.models import User
from core.permissions import Permission, access_of


@dataclass(frozen=True)
class Entry:
    """A menu line: any one of `needs` shows it; none needed when empty."""

    label: str
    url_name: str
    icon: str
    needs: tuple[Permission, ...] = ()


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (Entry("我的待办", "workbench", "home"),)),
    (
        "作风监督",
        (
            Entry("登记违规", "conduct:violation-create", "edit", (Permission.LOG_VIOLATIONS,)),
            Entry("违规记录", "conduct:violation-list", "alert-triangle", (Permission.VIEW_VIOLATIONS,)),
            Entry("线索", "conduct:clue-list", "inbox", (Permission.HANDLE_CLUES,)),
            Entry("检查计划", "conduct:inspectionplan-list", "target", (Permission.VIEW_INSPECTIONS,)),
            Entry("检查记录", "conduct:inspection-list", "eye", (Permission.VIEW_INSPECTIONS,)),
            Entry("督办函", "conduct:letter-list", "mail", (Permission.VIEW_LETTERS,)),
            Entry("研判建议", "core:proposal-list", "clipboard-check", (Permission.ANSWER_PROPOSALS,)),
            Entry("单位处理", "conduct:unit-measure-list", "building", (Permission.VIEW_UNIT_MEASURES,)),
        ),
    ),
    (
        "教育和公开",
        (
            Entry("教育关爱", "conduct:event-list", "users-group", (Permission.VIEW_EDUCATION,)),
            Entry("考阅炼评", "conduct:test-list", "certificate", (Permission.VIEW_EDUCATION,)),
            Entry("嘉奖表彰", "conduct:commendation-list", "award", (Permission.VIEW_EDUCATION,)),
            Entry("专项活动", "conduct:campaign-list", "target", (Permission.VIEW_CAMPAIGNS,)),
            Entry("典型案例通报", "conduct:notice-list", "message", (Permission.VIEW_NOTICES,)),
            Entry("作风统计", "conduct:statistics", "chart-bar", (Permission.VIEW_STATISTICS,)),
            Entry("法规制度", "conduct:regulation-list", "book"),
        ),
    ),
    ("重点项目", (Entry("项目与节点", "projects:project-list", "flag", (Permission.VIEW_PROJECTS,)),)),
    (
        "考核评价",
        (
            Entry("五干评分", "assessment:rating-list", "clipboard-check", (Permission.RATE_STAFF,)),
            Entry("考核周期", "assessment:period-list", "calendar", (Permission.RUN_ASSESSMENT,)),
            Entry("结果与排名", "assessment:ranking", "chart-bar", (Permission.VIEW_RESULTS,)),
        ),
    ),
    (
        "基础数据",
        (
            Entry("单位与干部", "core:cadre-list", "users", (Permission.VIEW_CADRES,)),
            Entry("我的档案", "conduct:my-dossier", "folder", (Permission.VIEW_DOSSIERS,)),
            Entry(
                "导入表格",
                "core:import-upload",
                "file-spreadsheet",
                (Permission.IMPORT_TABLES,),
            ),
            Entry(
                "目录与定时计划",
                "admin:index",
                "settings",
                (Permission.EDIT_CATALOGUES, Permission.EDIT_SCHEDULE),
            ),
        ),
    ),
    (
        "系统管理",
        (
            Entry("账号管理", "core:account-list", "user", (Permission.MANAGE_ACCOUNTS,)),
            Entry("角色授权", "core:grant-list", "key", (Permission.GRANT_ROLES,)),
            Entry("审计日志", "core:audit-list", "shield-lock", (Permission.READ_AUDIT,)),
        ),
    ),
    ("帮助", (Entry("使用说明", "core:help", "info-circle"),)),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context: `menu` as (heading, lines), each line with url and whether it is the current page."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.must_change_password:
        return {"menu": [], "access": None}
    access = access_of(user)
    menu = []
    for heading, entries in MENU:
        lines = [
            {"label": e.label, "icon": e.icon, "url": reverse(e.url_name), "current": _is_current(request, e)}
            for e in entries
            if not e.needs or any(access.has(p) for p in e.needs)
        ]
        if lines:
            menu.append({"heading": heading, "lines": lines})
    return {"menu": menu, "access": access}


def _is_current(request: HttpRequest, entry: Entry) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    if match.view_name == entry.url_name:
        return True
    # A detail page keeps its list lit; the entry form has a line of its own.
    stem, _, kind = entry.url_name.rpartition("-")
    return (
        kind == "list" and match.view_name.startswith(stem + "-") and not match.view_name.endswith("-create")
    )
