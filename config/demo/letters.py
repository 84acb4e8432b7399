"""Demo supervision letters: one of each state that somebody has to do something about."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from conduct.choices import CheckResult, FoundBy
from conduct.models import SupervisionLetter
from conduct.services import letters, rectification
from config.demo.district import District
from core.models import Unit
from core.queries import workday_overrides
from core.rules.workdays import add_workdays, next_workday

CONTACT = "督查室，电话 000-0000"


def make(d: District) -> None:
    """Eight letters: drafted, in review, to issue, to receive, being mended, closed; of the items, one is
    overdue, one returned, one was answered late."""
    own, other = d.units["自然资源和规划建设局"], d.units["社会事务局"]
    head = d.users["unithead"]
    draft(d, own, "关于测绘成果更新不及时问题的督办函", ago=1)
    send(d, draft(d, other, "关于社区服务中心窗口缺岗问题的督办函", ago=3), ago=2, until="submit")
    send(d, draft(d, own, "关于工地围挡管理问题的督办函", ago=6), ago=4, until="approve")
    send(d, draft(d, own, "关于征地补偿资料归档问题的督办函", ago=8), ago=5, until="issue")
    closed = send(d, draft(d, own, "关于会议纪律松弛问题的督办函", ago=75), ago=70, until="plan")
    for item in closed.items.order_by("order"):
        day = d.today - timedelta(days=64)
        rectification.report_item(item_id=item.pk, text="已完成整改，抽查无反复。", by=head, at=d.at(day))
        rectification.check_item(
            item_id=item.pk,
            result=CheckResult.PASSED,
            note="现场核验属实。",
            by=d.users["discipline"],
            at=d.at(day, 16),
        )
    letters.close_letter(letter_id=closed.pk, by=d.users["discipline"], at=d.at(d.today - timedelta(days=60)))
    late = send(d, draft(d, own, "关于便民服务窗口脱岗问题的督办函", ago=30), ago=28, until="plan")
    first, second = late.items.order_by("order")
    rectification.report_item(
        item_id=second.pk,
        text="已张贴值班表，窗口公开监督电话。",
        by=head,
        at=d.at(d.today - timedelta(days=20)),
    )
    rectification.chase_item(
        item_id=first.pk,
        note="电话催办，请尽快反馈。",
        by=d.users["discipline"],
        at=d.at(d.today - timedelta(days=2)),
    )
    poor = send(d, draft(d, own, "关于档案移交不全问题的督办函", ago=33), ago=31, until="plan")
    returned, tardy = poor.items.order_by("order")
    for item, ago in ((returned, 24), (tardy, 5)):
        day = d.at(d.today - timedelta(days=ago))
        rectification.report_item(item_id=item.pk, text="已补交并登记造册。", by=head, at=day)
    rectification.check_item(
        item_id=returned.pk,
        result=CheckResult.RETURNED,
        note="缺少移交清单，请补齐后再报。",
        by=d.users["discipline"],
        at=d.at(d.today - timedelta(days=22)),
    )
    soon = send(d, draft(d, own, "关于项目手续办理拖延问题的督办函", ago=9), ago=9, until="plan")
    rectification.ask_extension(
        item_id=soon.items.order_by("order")[1].pk,
        due_on=add_workdays(d.today, 12, workday_overrides()),
        reason="测绘单位变更，资料补正需要时间。",
        by=head,
        at=d.at(d.today, 9),
    )


def draft(d: District, unit: Unit, title: str, *, ago: int) -> SupervisionLetter:
    """A draft with two items, written some days ago."""
    day = d.today - timedelta(days=ago)
    letter, _ = letters.draft_letter(
        title=title,
        unit=unit,
        matter=f"{FoundBy.INSPECTION.label}发现：{day - timedelta(days=1)}，{unit.name}存在{title[2:-4]}，"
        "群众反映办事不便。",
        basis="八不准及本区督办工作办法",
        contact=CONTACT,
        cc="党政办公室",
        demands=[
            letters.Demand("落实岗位责任，明确替岗安排", "岗位全时有人，抽查无缺位", deadline(day, 10)),
            letters.Demand("公布办理时限和监督电话", "窗口和网站同步公布", deadline(day, 12)),
        ],
        submission_key=UUID(int=d.rng.getrandbits(128), version=4),
        by=d.users["discipline"],
        at=d.at(day, 7),
    )
    return letter


def deadline(day: date, count: int) -> date:
    """So many working days after the draft."""
    return next_workday(add_workdays(day, count, workday_overrides()), workday_overrides())


def send(d: District, letter: SupervisionLetter, *, ago: int, until: str) -> SupervisionLetter:
    """The letter's way up to and including the step `until`."""
    day = d.today - timedelta(days=ago)
    drafter, chief, head = (d.users[name] for name in ("discipline", "discipline2", "unithead"))
    letters.submit_letter(letter_id=letter.pk, by=drafter, at=d.at(day, 8))
    if until != "submit":
        letters.approve_letter(letter_id=letter.pk, note="同意。", by=chief, at=d.at(day, 9))
    if until in ("issue", "plan"):
        letters.issue_letter(letter_id=letter.pk, not_a_repeat=True, by=chief, at=d.at(day, 10))
    if until == "plan":
        letters.receive_letter(letter_id=letter.pk, by=head, at=d.at(day, 11))
        letters.plan_letter(
            letter_id=letter.pk,
            plan="分管领导牵头，三天内排好替岗，一周内公布时限。",
            by=head,
            at=d.at(day, 15),
        )
    letter.refresh_from_db()
    return letter
