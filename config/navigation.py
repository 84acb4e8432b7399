"""The side menu, by what the account may do; what one begins most often; where the page shown belongs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.models import User
from core.permissions import Access, Permission, access_of

P = Permission


@dataclass(frozen=True)
class Entry:
    """A menu line: any one of `needs` shows it, none needed when empty.

    It is lit on its own page, and on every page whose name begins like it (`clue-list` for `clue-…`) or like
    one of `also`; the longest beginning wins.
    """

    label: str
    url_name: str
    icon: str
    needs: tuple[Permission, ...] = ()
    also: tuple[str, ...] = ()
    personal: bool = False
    """Only for an account that stands for a person of the roster."""

    def open_to(self, access: Access) -> bool:
        if self.personal and access.cadre_id is None:
            return False
        return not self.needs or any(access.has(permission) for permission in self.needs)

    def holds(self, view_name: str) -> int:
        """How many letters of the page's name belong to this entry; 0 when it is not its page."""
        if view_name == self.url_name:
            return len(view_name) + 1
        app, _, name = self.url_name.partition(":")
        stem, _, kind = name.rpartition("-")
        own = (f"{app}:{stem}-",) if kind in {"list", "upload"} else ()
        return max((len(start) for start in (*own, *self.also) if view_name.startswith(start)), default=0)


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (Entry("我的待办", "workbench", "home"),)),
    (
        "作风监督",
        (
            Entry("登记违规", "conduct:violation-create", "edit", (P.LOG_VIOLATIONS,)),
            Entry("违规记录", "conduct:violation-list", "alert-triangle", (P.VIEW_VIOLATIONS,)),
            Entry("线索", "conduct:clue-list", "inbox", (P.HANDLE_CLUES,), ("conduct:handover-",)),
            Entry(
                "检查计划",
                "conduct:inspectionplan-list",
                "target",
                (P.VIEW_INSPECTIONS,),
                ("conduct:supervisor-",),
            ),
            Entry("检查记录", "conduct:inspection-list", "eye", (P.VIEW_INSPECTIONS,)),
            Entry("督办函", "conduct:letter-list", "mail", (P.VIEW_LETTERS,)),
            Entry("研判建议", "core:proposal-list", "clipboard-check", (P.ANSWER_PROPOSALS,)),
            Entry("单位处理", "conduct:unit-measure-list", "building", (P.VIEW_UNIT_MEASURES,)),
        ),
    ),
    (
        "教育和公开",
        (
            Entry("教育关爱", "conduct:event-list", "users-group", (P.VIEW_EDUCATION,), ("conduct:plan-",)),
            Entry("考阅炼评", "conduct:test-list", "certificate", (P.VIEW_EDUCATION,)),
            Entry("嘉奖表彰", "conduct:commendation-list", "award", (P.VIEW_EDUCATION,)),
            Entry("专项活动", "conduct:campaign-list", "target", (P.VIEW_CAMPAIGNS,), ("conduct:round-",)),
            Entry("典型案例通报", "conduct:notice-list", "message", (P.VIEW_NOTICES,)),
            Entry(
                "作风统计",
                "conduct:statistics",
                "chart-bar",
                (P.VIEW_STATISTICS,),
                ("conduct:statistics-", "conduct:case-", "conduct:chain-"),
            ),
            Entry(
                "法规制度",
                "conduct:regulation-list",
                "book",
                also=("conduct:clause-", "conduct:citation-", "conduct:prohibition-"),
            ),
        ),
    ),
    (
        "重点项目",
        (
            Entry("挂图作战", "projects:wall", "traffic-lights", (P.VIEW_PROJECTS,), ("projects:wall-",)),
            Entry("项目与节点", "projects:project-list", "flag", (P.VIEW_PROJECTS,), ("projects:",)),
            Entry("六定任务", "projects:assignment-list", "list-check", (P.VIEW_PROJECTS,)),
            Entry("投资完成", "projects:investment-list", "sum", (P.VIEW_PROJECTS,)),
            Entry("项目问题", "projects:issue-list", "alert-circle", (P.VIEW_PROJECTS,)),
            Entry("现场工作", "projects:sitelog-list", "map-pin", (P.VIEW_PROJECTS,)),
            Entry("下沉一线", "projects:frontline-list", "users-group", (P.VIEW_PROJECTS,)),
            Entry("计划变更", "projects:plan-change-list", "calendar-event", (P.VIEW_PROJECTS,)),
            Entry("调度会", "projects:dispatch-list", "message", (P.VIEW_PROJECTS,)),
            Entry("重用候选", "projects:candidate-list", "award", (P.VIEW_CANDIDATES,)),
        ),
    ),
    (
        "考核评价",
        (
            Entry("五干评分", "assessment:rating-list", "clipboard-check", (P.RATE_STAFF,)),
            Entry(
                "考核周期", "assessment:period-list", "calendar", (P.RUN_ASSESSMENT,), ("assessment:run-",)
            ),
            Entry("结果与排名", "assessment:ranking", "chart-bar", (P.VIEW_RESULTS,), ("assessment:",)),
        ),
    ),
    (
        "问责",
        (
            Entry("影响期试算", "accountability:calculator", "calendar-stats"),
            Entry("情形和措施目录", "accountability:catalogue", "gavel"),
        ),
    ),
    (
        "基础数据",
        (
            Entry(
                "单位与干部",
                "core:cadre-list",
                "users",
                (P.VIEW_CADRES,),
                ("core:unit-", "conduct:unit-file", "conduct:dossier", "conduct:statement-"),
            ),
            Entry("我的档案", "conduct:my-dossier", "folder", (P.VIEW_DOSSIERS,), personal=True),
            Entry("导入表格", "core:import-upload", "file-spreadsheet", (P.IMPORT_TABLES,)),
            Entry("目录与定时计划", "admin:index", "settings", (P.EDIT_CATALOGUES, P.EDIT_SCHEDULE)),
        ),
    ),
    (
        "系统管理",
        (
            Entry("账号管理", "core:account-list", "user", (P.MANAGE_ACCOUNTS,)),
            Entry("角色授权", "core:grant-list", "key", (P.GRANT_ROLES,)),
            Entry("审计日志", "core:audit-list", "shield-lock", (P.READ_AUDIT,)),
        ),
    ),
    ("帮助", (Entry("使用说明", "core:help", "info-circle"),)),
)

STARTS: tuple[Entry, ...] = (
    Entry("登记违规", "conduct:violation-create", "edit", (P.LOG_VIOLATIONS,)),
    Entry("登记线索", "conduct:clue-create", "inbox", (P.HANDLE_CLUES,)),
    Entry("记录检查", "conduct:inspection-create", "eye", (P.RECORD_INSPECTIONS,)),
    Entry("拟督办函", "conduct:letter-create", "mail", (P.DRAFT_LETTERS,)),
    Entry("新增项目", "projects:project-create", "plus", (P.MANAGE_PROJECTS,)),
    Entry("更新节点", "projects:project-list", "flag", (P.ASSIGN_TASKS,)),
    Entry("挂图作战", "projects:wall", "traffic-lights", (P.VIEW_OVERVIEW,)),
    Entry("五干评分", "assessment:rating-list", "clipboard-check", (P.RATE_STAFF,)),
    Entry("记录现场工作", "projects:sitelog-create", "map-pin", (P.LOG_SITE_WORK,)),
    Entry("填报专项活动", "conduct:campaign-list", "target", (P.REPORT_CAMPAIGNS,)),
    Entry("导入表格", "core:import-upload", "file-spreadsheet", (P.IMPORT_TABLES,)),
    Entry("现在核算", "assessment:period-list", "calendar", (P.RUN_ASSESSMENT,)),
    Entry("新建单位", "core:unit-create", "building", (P.IMPORT_ROSTER,)),
    Entry("新建账号", "core:account-create", "user", (P.MANAGE_ACCOUNTS,)),
    Entry("授予角色", "core:grant-list", "key", (P.GRANT_ROLES,)),
    Entry("校验审计链", "core:audit-list", "shield-lock", (P.READ_AUDIT,)),
    Entry("对档案作说明", "conduct:my-dossier", "folder", (P.VIEW_DOSSIERS,), personal=True),
)
"""What one begins, the most frequent first; the workbench offers the first MOST_STARTS an account may do."""
MOST_STARTS = 6
MENU_FITS = 20
"""Lines of the menu that fit a screen of 900 pixels beside the headings; groups beyond them stand folded."""
OWN = {"conduct:dossier": "conduct:my-dossier"}
"""Pages about a person that are, about oneself, another entry's."""


@dataclass
class Group:
    """A part of the menu as the page draws it: without a heading its lines stand open, with one they fold."""

    heading: str
    lines: list[dict[str, Any]]
    current: bool
    open: bool = True


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context: `menu`, its groups with their lines, which are lit and which stand open; `access`."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.must_change_password:
        return {"menu": [], "access": None}
    access = access_of(user)
    offered = [(heading, [e for e in entries if e.open_to(access)]) for heading, entries in MENU]
    current = entry_of(_page(request, user))
    menu = [
        Group(
            heading=heading if len(entries) > 1 else "",
            lines=[
                {"label": e.label, "icon": e.icon, "url": reverse(e.url_name), "current": e is current}
                for e in entries
            ],
            current=current in entries,
        )
        for heading, entries in offered
        if entries
    ]
    foldable = [group for group in menu if group.heading and not group.current]
    room = MENU_FITS - sum(len(group.lines) for group in menu if group not in foldable)
    for group in foldable:
        room -= len(group.lines)
        group.open = room >= 0
    return {"menu": menu, "access": access}


def entry_of(view_name: str) -> Entry | None:
    """The entry that a page belongs to; None for a page that stands by itself."""
    best = max((entry for _, entries in MENU for entry in entries), key=lambda entry: entry.holds(view_name))
    return best if best.holds(view_name) else None


def _page(request: HttpRequest, user: User) -> str:
    match = request.resolver_match
    if match is None:
        return ""
    about_oneself = user.cadre_id is not None and match.kwargs.get("pk") == user.cadre_id
    return OWN.get(match.view_name, match.view_name) if about_oneself else match.view_name


def starts(access: Access) -> list[dict[str, str]]:
    """What this account begins most often."""
    return [
        {"label": entry.label, "icon": entry.icon, "url": reverse(entry.url_name)}
        for entry in STARTS
        if entry.open_to(access)
    ][:MOST_STARTS]
