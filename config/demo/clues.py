"""Clues of the demo: each state once, one of them sealed, one hand-over that is only counted."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from conduct.choices import ClueChannel, ClueMethod, HandoverLevel, HandoverTo
from conduct.models import Clue
from conduct.services import clue_entry, handovers
from conduct.services import clues as services
from config.demo.district import District

HEARD = (
    (3, ClueChannel.LETTER, "反映征迁补偿款发放拖延", "来信反映某组征迁补偿款已到账两个月仍未发放到户。"),
    (6, ClueChannel.CALL, "反映窗口人员态度生硬", "来电反映办事窗口多次让群众往返补材料，解释时态度生硬。"),
    (12, ClueChannel.VISIT, "反映工程款结算久拖不决", "来访反映配套道路工程完工半年，结算资料仍在科室流转。"),
    (20, ClueChannel.MAILBOX, "反映工作时间长时间离岗", "网上信箱反映每周三下午办公室长时间无人。"),
    (28, ClueChannel.SUPERVISOR, "反映项目现场无人值守", "群众监督员反映夜间施工时现场无人带班。"),
    (35, ClueChannel.PATROL, "反映公务接待手续不全", "巡察移交：一次接待缺少公函和清单。"),
    (40, ClueChannel.ASSIGNED, "反映惠企资金拨付超期", "上级交办：惠企资金超过规定时限仍未拨付。"),
)


def make(d: District) -> None:
    """Registered by the first officer, who handles them; `discipline2`, also head, assigns and approves."""
    officer, head = d.users["discipline"], d.users["discipline2"]
    handler = officer
    apart = {u.cadre_id for u in d.users.values()}
    people = [cadre for cadre in d.people() if cadre.pk not in apart]
    made: list[Clue] = []
    for number, (days, channel, title, content) in enumerate(HEARD):
        day = d.today - timedelta(days=days)
        named = number in {0, 3}
        clue, _ = clue_entry.register_clue(
            channel=channel,
            received_on=day,
            title=title,
            content=content,
            cadres=[d.rng.choice(people)],
            is_named=named,
            complainant="演示来信人" if named else "",
            contact="000-0000-0001" if named else "",
            submission_key=UUID(int=d.rng.getrandbits(128), version=4),
            by=officer,
            at=d.at(day, 11),
        )
        made.append(clue)
    for clue in made[1:]:
        services.assign(clue_id=clue.pk, handler=handler, by=head, at=d.at(clue.received_on, 15))
    wrong = made[1]
    clue_entry.correct(
        clue_id=wrong.pk,
        channel=wrong.channel,
        received_on=wrong.received_on,
        title="反映办事窗口人员态度生硬",
        content=wrong.content,
        cadres=[d.rng.choice(people)],
        note="核对来电记录，被反映人是另一名工作人员。",
        by=officer,
        at=d.at(wrong.received_on + timedelta(days=1), 9),
    )
    methods = (ClueMethod.TALK, ClueMethod.CHECK, ClueMethod.STORE, ClueMethod.CHECK, ClueMethod.CONCLUDE)
    for clue, method in zip(made[2:], methods, strict=True):
        at = d.at(clue.received_on + timedelta(days=4), 16)
        services.dispose(clue_id=clue.pk, method=method, opinion="按处置意见办理。", by=handler, at=at)
    for clue in made[3:]:
        at = d.at(clue.received_on + timedelta(days=6), 10)
        services.approve(clue_id=clue.pk, by=head, at=at)
    services.report(
        clue_id=made[5].pk,
        result="经初步核实，接待公函事后补办，已提醒谈话。",
        by=handler,
        at=d.at(d.today, 9),
    )
    handovers.count_handover(
        received_on=d.today - timedelta(days=2),
        channel=ClueChannel.LETTER,
        level=HandoverLevel.CITY,
        handed_to=HandoverTo.CITY,
        submission_key=UUID(int=d.rng.getrandbits(128), version=4),
        by=officer,
        at=d.at(d.today, 9),
    )
