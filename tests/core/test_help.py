"""The help page says to each role what concerns it, and of each lamp what is true."""

import re

import pytest

from conduct.rules import clues, rectification
from projects.rules import milestones as projects

pytestmark = pytest.mark.django_db
AREAS = ["线索", "教育", "考试", "嘉奖", "专项活动", "单位处理", "通报", "法规", "一人一档"]


@pytest.mark.parametrize(
    ("role", "areas"),
    [
        ("discipline", AREAS),
        ("dhead", AREAS),
        ("unithead", AREAS[1:]),
        ("chief", AREAS[1:]),
        ("cadre", ["教育", "考试", "嘉奖", "通报", "法规", "一人一档"]),
        ("sysadmin", ["法规"]),
        ("auditor", ["法规"]),
    ],
)
def test_each_role_reads_of_the_areas_it_works_in(district, as_role, role, areas):
    page = as_role(role).get("/help/").content.decode()
    heads = re.findall(r"<h2>(.*?)</h2>", page)
    assert [head for head in heads if head in AREAS] == areas


@pytest.mark.parametrize(
    ("role", "told", "not_told"),
    [
        ("discipline", ["点“修订”", "另一名纪检人员在待办里确认", "由纪检负责人批准"], ["待您审批"]),
        ("dhead", ["由您批准或解除", "待您审批", "分派承办人"], ["点“修订”"]),
        ("unithead", ["没有变化写“无变化”", "现行条文"], ["点“修订”", "新建考试"]),
        ("cadre", ["本人或本单位的成绩"], ["新建考试", "每次查看都留下记录"]),
    ],
)
def test_the_words_are_those_of_what_one_may_do(district, as_role, role, told, not_told):
    page = as_role(role).get("/help/").content.decode()
    assert [words for words in told if words not in page] == []
    assert [words for words in not_told if words in page] == []


def test_the_lamps_are_told_as_the_rules_light_them(district, as_role):
    page = as_role("cadre").get("/help/").content.decode()
    assert f"项目节点：{projects.WARN_DAYS} 天以内" in page
    assert f"督办函整改项：{rectification.WARN_WORKDAYS} 个工作日以内" in page
    assert f"线索办理、告知、移交：{clues.SOON_DAYS} 天以内" in page
