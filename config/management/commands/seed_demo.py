"""`manage.py seed_demo --scale district|county|N [--seed S]`: an invented district, same for same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from assessment.choices import PeriodKind
from assessment.services import periods, ratings
from conduct.choices import FoundBy, HandlingWay, ViolationState
from conduct.models import Handling, Prohibition
from conduct.services import handlings
from conduct.services import violations as conduct
from config.demo import (
    campaigns,
    clues,
    dispatch,
    education,
    inspections,
    investment,
    letters,
    records,
    site,
    tasks,
)
from config.demo import milestones as demo_milestones
from config.demo.district import District
from core.choices import Establishment, RoleCode, UnitKind
from core.models import Cadre, Unit, User
from core.services import accounts, people
from projects.choices import MemberRole, MilestoneKind, ProjectKind
from projects.models import KeyProject, Milestone
from projects.services import milestones, projects

SCALES = {"district": 150, "county": 7643}

ORGANS = [
    "党政办公室",
    "纪检监察工作委员会",
    "组织人事部",
    "考核办公室",
    "经济发展局",
    "财政局",
    "自然资源和规划建设局",
    "社会事务局",
    "招商服务局",
    "应急管理局",
]
SECOND_TIER = {
    "自然资源和规划建设局": ["征地拆迁服务中心", "建设工程质量服务站", "规划测绘队"],
    "经济发展局": ["项目服务中心", "企业服务中心"],
    "社会事务局": ["社会保障服务中心", "公共卫生服务站"],
    "财政局": ["会计核算中心"],
}
TOWNSHIPS = ["临江街道", "新桥街道", "河湾街道", "东岭镇", "云溪镇", "石塘镇"]
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高曾单解仇覃任"
GIVEN = (
    "安柏晨澄川东帆方峰光海航和弘华辉吉嘉建健江景静凯康岚磊立林琳凌明"
    "宁鹏平启青庆泉然仁荣瑞思松涛文向晓新轩雪雅言阳易英永宇远云泽哲振志中卓"
)
POSTS = ["工作人员", "工作人员", "工作人员", "工作人员", "副科长", "科长"]
RANKS = ["一级科员", "二级科员", "四级主任科员", "三级主任科员", "二级主任科员"]
PLACES = ["项目现场", "便民服务大厅", "机关办公楼", "社区服务中心", "征迁现场", "会议室"]
PROJECT_NAMES = [
    "滨江大道东延",
    "智能制造产业园一期",
    "城北污水处理厂扩建",
    "实验学校新建",
    "人民医院迁建",
    "老旧小区改造",
    "物流园区一期",
    "职教中心实训楼",
    "河湾片区安置房",
    "临江防洪堤",
    "新能源电池基地",
    "云溪水库除险加固",
    "冷链仓储中心",
    "数据中心",
    "体育公园",
    "东岭标准厂房",
    "石塘农贸市场",
    "公交首末站",
    "变电站新建",
    "供水管网改造",
    "文化馆图书馆",
    "养老服务中心",
    "工业固废处置中心",
    "新桥片区路网",
    "河道综合整治",
    "医药产业园",
    "电商产业园",
    "人才公寓",
    "消防救援站",
    "停车楼",
    "职工活动中心",
    "农产品交易中心",
    "绿色建材基地",
    "高标准农田",
    "天然气门站",
    "装备制造园二期",
    "码头改造提升",
    "旅游集散中心",
    "科创孵化器",
]
DISTRICT_INVESTMENT = Decimal("23800000000")  # 39 projects, 238 亿元
FACTS = {
    "B1": "向招标代理机构打听评标安排，被当场制止。",
    "B2": "办理补偿手续时要求群众另交材料费。",
    "B3": "明知临时板房未经批准，仍口头同意搭建。",
    "B4": "在群众会上擅自承诺补偿标准，与文件不符。",
    "B5": "上报的开工面积与现场不符。",
    "B6": "工作时间在项目部值班室打扑克。",
    "B7": "上午9时20分不在岗，未办理请假手续。",
    "B8": "接待来访群众时态度生硬、言语粗暴。",
}


class Command(BaseCommand):
    help = "生成演示用的虚构区（单位、干部、项目、违规记录、评分、演示账号）。人名、单位、项目均为虚构。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", default="district", help="district（150人）、county（7643人）或人数")
        parser.add_argument("--seed", type=int, default=2026)
        parser.add_argument("--if-empty", action="store_true", help="数据库已有单位时什么也不做")

    def handle(self, *args: Any, scale: str, seed: int, if_empty: bool, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("演示数据只能在 DEBUG=1 时生成：演示账号使用公开的密码。")
        if Unit.objects.exists():
            if if_empty:
                return
            raise CommandError(
                "数据库中已有单位，为避免混入演示数据，未执行。请用 script/run --fresh 或换一个空数据库。"
            )
        try:
            size = SCALES.get(scale) or int(scale)
        except ValueError as error:
            raise CommandError(f"--scale 应为 district、county 或人数，给出的是“{scale}”。") from error
        district = District(random.Random(seed), timezone.localdate())
        with transaction.atomic():
            make_units(district)
            make_people(district, size)
            make_projects(district)
            make_accounts(district)
            records.make(district)
            make_violations(district)
            make_ratings(district)
            campaigns.make(district)
            clues.make(district)
            inspections.make(district)
            education.make(district)
            letters.make(district)
            demo_milestones.make(district)
            investment.make(district)
            tasks.make(district)
            site.make(district)
            dispatch.make(district)
            records.end(district)
        self.stdout.write(
            f"演示区已生成：{Unit.objects.count()} 个单位，{Cadre.objects.count()} 名干部，"
            f"{KeyProject.objects.count()} 个项目（238 亿元），{Milestone.objects.count()} 个节点。"
        )


def make_units(d: District) -> None:
    at = d.at(d.today.replace(year=d.today.year - 4))
    root = people.save_unit(
        code="Q",
        name=f"{settings.DEMO_DISTRICT}（演示）",
        kind=UnitKind.DISTRICT,
        parent=None,
        by=None,
        at=at,
    )
    d.units[root.name] = root
    for number, name in enumerate(ORGANS, start=1):
        unit = people.save_unit(
            code=f"J{number:02}", name=name, kind=UnitKind.ORGAN, parent=root, order=number, by=None, at=at
        )
        d.units[name] = unit
        for sub, below in enumerate(SECOND_TIER.get(name, ()), start=1):
            d.units[below] = people.save_unit(
                code=f"J{number:02}-{sub}",
                name=below,
                kind=UnitKind.SECOND_TIER,
                parent=unit,
                order=sub,
                by=None,
                at=at,
            )
    for number, name in enumerate(TOWNSHIPS, start=1):
        d.units[name] = people.save_unit(
            code=f"X{number:02}",
            name=name,
            kind=UnitKind.TOWNSHIP,
            parent=root,
            order=20 + number,
            by=None,
            at=at,
        )


def make_people(d: District, size: int) -> None:
    """One district leader, a head and staff in every unit; every tenth person outside the establishment."""
    root, *units = d.units.values()
    names = unique_names(d.rng, size)
    for number in range(size):
        unit = units[(number - 1) % len(units)] if number else root
        staff = d.staff.setdefault(unit.pk, [])
        years = d.rng.randint(1, 20)
        joined = d.today.replace(month=d.rng.randint(1, 12), day=d.rng.randint(1, 28)) - timedelta(
            days=365 * years
        )
        is_head = not staff
        above = d.staff[unit.parent_id][0] if unit.parent_id else None
        establishment = d.rng.choices(list(Establishment), weights=(3, 6, 1))[0]
        post = "区分管领导" if above is None else "主要负责人" if is_head else d.rng.choice(POSTS)
        rank = d.rng.choice(RANKS) if is_head or establishment == Establishment.CIVIL_SERVANT else ""
        if len(staff) % 3 == 1:  # who leads a taskforce is at 处级
            establishment, rank = Establishment.CIVIL_SERVANT, "四级调研员"
        staff.append(
            people.save_cadre(
                staff_no=f"B{number + 1:05}",
                name=next(names),
                unit=unit,
                establishment=Establishment.CIVIL_SERVANT if is_head else establishment,
                post=post,
                rank=rank,
                supervisor=above if is_head else staff[0],
                joined_on=joined,
                by=None,
                at=d.at(d.today),
            )
        )


def unique_names(rng: random.Random, size: int) -> Iterator[str]:
    """Invented names; a few are shared by two people, as in life."""
    seen: dict[str, int] = {}
    while len(seen) < size + 1:
        name = rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))
        seen[name] = seen.get(name, 0) + 1
        if seen[name] <= 2:
            yield name


def make_projects(d: District) -> None:
    """39 projects of 238 亿元, each with a taskforce and the four key nodes around today."""
    shares = [d.rng.randint(20, 200) for _ in PROJECT_NAMES]
    spent = Decimal(0)
    leads = [
        d.units[n] for n in ("自然资源和规划建设局", "经济发展局", "社会事务局", "招商服务局", *TOWNSHIPS)
    ]
    for number, name in enumerate(PROJECT_NAMES, start=1):
        last = number == len(PROJECT_NAMES)
        amount = (DISTRICT_INVESTMENT * shares[number - 1] / sum(shares)).quantize(Decimal("1E6"))
        amount = DISTRICT_INVESTMENT - spent if last else amount
        spent += amount
        lead = leads[number % len(leads)]
        started = d.at(d.today - timedelta(days=400))
        project = projects.save_project(
            code=f"ZD{d.today.year}-{number:02}",
            values={
                "name": f"{name}项目",
                "kind": ProjectKind.KEY,
                "content": f"{name}及配套工程建设。",
                "location": d.rng.choice(TOWNSHIPS),
                "year": d.today.year,
                "lead_unit": lead,
                "investment_yuan": amount,
                "investment_text": f"{(amount / 100000000).normalize():f}亿元",
            },
            by=None,
            at=started,
        )
        d.projects.append(project)
        make_milestones(d, project)
        team = d.rng.sample(d.staff[lead.pk] + d.staff[d.units["征地拆迁服务中心"].pk], k=4)
        team.sort(key=lambda cadre: cadre.rank != "四级调研员")
        for place, cadre in enumerate(team):
            role = MemberRole.LEADER if place == 0 else MemberRole.DEPUTY if place == 1 else MemberRole.MEMBER
            projects.appoint(
                project=project,
                cadre=cadre,
                role=role,
                duty="统筹推进" if place == 0 else "",
                on=max(cadre.joined_on, d.today - timedelta(days=400)),
                by=None,
                at=started,
            )


def make_milestones(d: District, project: KeyProject) -> None:
    day = d.today - timedelta(days=d.rng.randint(60, 330))
    for order, (kind, weight) in enumerate(
        (
            (MilestoneKind.LAND, 20),
            (MilestoneKind.PERMIT, 15),
            (MilestoneKind.START, 25),
            (MilestoneKind.COMPLETE, 40),
        ),
        start=1,
    ):
        overdue = (d.today - day).days
        done = overdue > 25 or (overdue > 0 and d.rng.random() < 0.6)
        progress = (
            100 if done else max(0, min(95, 60 + overdue + d.rng.randint(-25, 25))) if overdue > -90 else 0
        )
        done_on = (
            min(day + timedelta(days=d.rng.randint(-8, 12)), d.today - timedelta(days=1)) if done else None
        )
        milestones.save_milestone(
            project=project,
            name=kind.label,
            by=None,
            at=d.at(d.today - timedelta(days=400)),
            values={
                "kind": kind,
                "order": order,
                "weight": Decimal(weight),
                "planned_on": day,
                "progress": Decimal(progress),
                "done_on": done_on,
            },
        )
        day += timedelta(days=d.rng.randint(40, 150))


def make_accounts(d: District) -> None:
    """The nine demo logins, and two heads of the discipline office: who records does not confirm, who decides
    does not take back."""
    construction = d.units["自然资源和规划建设局"]
    below = d.units["征地拆迁服务中心"]
    member = d.staff[below.pk][1]
    discipline = d.staff[d.units["纪检监察工作委员会"].pk]
    chosen = d.projects[0].members.get(role=MemberRole.LEADER, end_on=None).cadre
    plan: list[tuple[str, Cadre | None, list[tuple[str, Unit | None]]]] = [
        ("discipline", discipline[1], [(RoleCode.DISCIPLINE_OFFICER, None), (RoleCode.CADRE, None)]),
        (
            "discipline2",
            discipline[0],
            [
                (RoleCode.DISCIPLINE_OFFICER, None),
                (RoleCode.DISCIPLINE_HEAD, None),
                (RoleCode.CADRE, None),
            ],
        ),
        ("discipline3", discipline[2], [(RoleCode.DISCIPLINE_HEAD, None), (RoleCode.CADRE, None)]),
        ("leader", chosen, [(RoleCode.PROJECT_LEADER, None), (RoleCode.CADRE, None)]),
        (
            "assessor",
            d.staff[d.units["考核办公室"].pk][1],
            [(RoleCode.ASSESSMENT_OFFICER, None), (RoleCode.CADRE, None)],
        ),
        (
            "unithead",
            d.staff[construction.pk][0],
            [(RoleCode.UNIT_HEAD, construction), (RoleCode.CADRE, None)],
        ),
        ("cadre", member, [(RoleCode.CADRE, None)]),
        ("chief", d.people()[0], [(RoleCode.LEADERSHIP, None)]),
        ("sysadmin", None, [(RoleCode.SYSTEM_ADMIN, None)]),
        ("secadmin", None, [(RoleCode.SECURITY_ADMIN, None)]),
        ("auditor", None, [(RoleCode.AUDITOR, None)]),
    ]
    at = d.at(d.today.replace(day=1) - timedelta(days=60))
    taken: set[int] = set()
    for username, cadre, grants in plan:
        if cadre is not None and cadre.pk in taken:
            cadre = next(c for c in d.staff[cadre.unit_id] if c.pk not in taken)
        if cadre is not None:
            taken.add(cadre.pk)
        user = accounts.create_account(
            username=username,
            display_name=cadre.name if cadre else RoleCode(grants[0][0]).label,
            password=settings.DEMO_PASSWORD,
            cadre=cadre,
            is_demo=True,
            by=None,
            at=at,
        )
        for role, unit in grants:
            accounts.grant_role(user=user, role=role, unit=unit, starts_on=at.date(), by=None, at=at)
        d.users[username] = user
    lead_projects(d, d.users["leader"].cadre)


def lead_projects(d: District, cadre: Cadre | None) -> None:
    """The demo leader leads three projects, one of them with a milestone that just turned red."""
    assert cadre is not None
    day = d.today - timedelta(days=90)
    for project in d.projects[:3]:
        if not project.members.filter(cadre=cadre, role=MemberRole.LEADER, end_on=None).exists():
            projects.appoint(
                project=project,
                cadre=cadre,
                role=MemberRole.LEADER,
                duty="统筹推进",
                on=day,
                by=None,
                at=d.at(day),
            )
    for project, name, offset in ((d.projects[0], "开工", -3), (d.projects[1], "取得施工许可证", 6)):
        milestones.save_milestone(
            project=project,
            name=name,
            by=None,
            at=d.at(day),
            values={"planned_on": d.today + timedelta(days=offset), "done_on": None, "progress": Decimal(70)},
        )
        # What comes after an open node is still to come: 竣工 never before 开工.
        moved = project.milestones.get(name=name)
        for place, later in enumerate(project.milestones.filter(order__gt=moved.order).order_by("order")):
            milestones.save_milestone(
                project=project,
                name=later.name,
                by=None,
                at=d.at(day),
                values={
                    "planned_on": d.today + timedelta(days=offset + 75 * (place + 1)),
                    "done_on": None,
                    "progress": Decimal(0),
                },
            )


def make_violations(d: District) -> None:
    """Last month's records are decided, three of this month wait for a second person."""
    first, last = d.month_before()
    people_ = [c for c in d.people() if c.joined_on < first]
    victim = d.users["cadre"].cadre
    rules = list(Prohibition.objects.in_force(last).order_by("order"))
    logger, decider = d.users["discipline"], d.users["discipline2"]
    involved = {logger.cadre_id, decider.cadre_id}
    subjects = [victim, *(c for c in d.rng.sample(people_, k=14) if c.pk not in involved and c != victim)]
    for number, cadre in enumerate(subjects):
        assert cadre is not None
        pending = number >= len(subjects) - 3
        day = (
            d.today - timedelta(days=d.rng.randint(0, 2))
            if pending
            else first + timedelta(days=d.rng.randint(0, 24))
        )
        rule = rules[6] if number == 0 else d.rng.choice(rules)
        by, other = (decider, logger) if number and number % 2 == 0 else (logger, decider)
        violation, _ = conduct.log_violation(
            prohibition=rule,
            cadre=cadre,
            unit_id=cadre.unit_id,
            occurred_on=day,
            place=d.rng.choice(PLACES),
            project=d.rng.choice(d.projects) if rule.key in {"B1", "B6"} else None,
            found_by=d.rng.choice(list(FoundBy)),
            facts=FACTS[rule.key],
            submission_key=UUID(int=d.rng.getrandbits(128), version=4),
            distinct=True,
            by=by,
            at=d.at(day, 15),
        )
        if not pending:
            state = d.rng.choices(
                [ViolationState.CONFIRMED, ViolationState.PARTLY, ViolationState.DISMISSED], (7, 2, 1)
            )[0]
            state = ViolationState.CONFIRMED if number == 0 else state
            note = "" if state == ViolationState.CONFIRMED else "经核实，部分情节与反映不符。"
            conduct.decide_violation(
                violation_id=violation.pk,
                state=state,
                note=note,
                by=other,
                at=d.at(min(day + timedelta(days=3), last), 16),
            )
            if state != ViolationState.DISMISSED:
                follow_up(d, violation.pk, number, on=min(day + timedelta(days=5), last), by=other)


def follow_up(d: District, violation_id: int, number: int, *, on: date, by: User) -> None:
    """Of six confirmed records in a row: talked to and closed, an open self-review, a case proposed, a pledge
    made and closed; two are still to be handled."""
    at = d.at(on, 17)
    asked = {0: HandlingWay.TALK, 1: HandlingWay.SELF_REVIEW, 3: HandlingWay.PLEDGE}.get(number % 6)
    if number % 6 == 2:
        reason = "情节较重，批评教育不足以纠正，建议启动问责。"
        handlings.escalate_violation(violation_id=violation_id, note=reason, by=by, at=at)
    if asked is None:
        return
    handlings.handle_violation(violation_id=violation_id, way=asked, on=on, by=by, at=at)
    if asked == HandlingWay.PLEDGE:
        row = Handling.objects.get(violation=violation_id, way=asked)
        handlings.complete_handling(violation_id=violation_id, handling=row.pk, completed_on=on, by=by, at=at)
    if asked != HandlingWay.SELF_REVIEW:
        handlings.close_violation(violation_id=violation_id, by=by, at=at)


def make_ratings(d: District) -> None:
    """Last month rated by the heads of the top units, so that the first tick has a month to close."""
    first, last = d.month_before()
    at = d.at(last)
    period = periods.open_period(kind=PeriodKind.MONTH, on=first, by=None, at=d.at(first))
    heads = [u for u in d.units.values() if u.kind in {UnitKind.ORGAN, UnitKind.TOWNSHIP}]
    ratings_of: list[tuple[User, list[Cadre]]] = [(d.users["chief"], [d.staff[u.pk][0] for u in heads])]
    for unit in heads:
        below = [u for u in d.units.values() if u.pk == unit.pk or u.parent_id == unit.pk]
        rater = rater_of(d, unit, at=d.at(first))
        ratings_of.append((rater, [c for u in below for c in d.staff[u.pk] if c.pk != rater.cadre_id]))
    for rater, rated in ratings_of:
        marks = {c.pk: tuple(min(100, max(55, round(d.rng.gauss(84, 7)))) for _ in range(5)) for c in rated}
        ratings.save_ratings(period_id=period.pk, marks=marks, by=rater, at=at)


def rater_of(d: District, unit: Unit, *, at: datetime) -> User:
    """The unit head's account: the demo login where there is one, otherwise one without a password."""
    head = d.staff[unit.pk][0]
    user = User.objects.filter(cadre=head).first()
    if user is None:
        user = accounts.create_account(
            username=f"head-{unit.code}", display_name=head.name, password=None, cadre=head, by=None, at=at
        )
        accounts.grant_role(user=user, role=RoleCode.CADRE, starts_on=at.date(), by=None, at=at)
    if not user.grants.filter(role=RoleCode.UNIT_HEAD).exists():
        accounts.grant_role(
            user=user, role=RoleCode.UNIT_HEAD, unit=unit, starts_on=at.date(), by=None, at=at
        )
    return user
