"""Fixed word lists of conduct."""

from django.db import models


class FoundBy(models.TextChoices):
    INSPECTION = "INSPECTION", "明察暗访"
    DAILY = "DAILY", "日常检查"
    REPORT = "REPORT", "群众反映"
    ASSIGNED = "ASSIGNED", "上级交办"
    OTHER = "OTHER", "其他"


class ViolationState(models.TextChoices):
    """Where a violation stands; what was found is kept apart in `Finding`."""

    LOGGED = "LOGGED", "待认定"
    REOPENED = "REOPENED", "待重新认定"
    CONFIRMED = "CONFIRMED", "属实"
    PARTLY = "PARTLY", "部分属实"
    DISMISSED = "DISMISSED", "不属实"
    HANDLED = "HANDLED", "已处理"
    CLOSED = "CLOSED", "已办结"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class Finding(models.TextChoices):
    """What the second person found; it stays while the record is handled and closed."""

    CONFIRMED = "CONFIRMED", "属实"
    PARTLY = "PARTLY", "部分属实"
    DISMISSED = "DISMISSED", "不属实"


class StatementKind(models.TextChoices):
    STATEMENT = "STATEMENT", "补充说明"
    CORRECTION = "CORRECTION", "申请更正"


class StatementState(models.TextChoices):
    FILED = "FILED", "待答复"
    NOTED = "NOTED", "已阅存档"
    ACCEPTED = "ACCEPTED", "同意更正，待改正"
    CORRECTED = "CORRECTED", "已改正"
    DECLINED = "DECLINED", "不予更正"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class NoticeState(models.TextChoices):
    DRAFT = "DRAFT", "拟稿"
    IN_REVIEW = "IN_REVIEW", "待审批"
    PUBLISHED = "PUBLISHED", "已通报"
    RECALLED = "RECALLED", "已撤回"
    CANCELLED = "CANCELLED", "已作废"


class CampaignKind(models.TextChoices):
    SIX_TYPES = "SIX_TYPES", "六型机关创建"
    RECTIFY = "RECTIFY", "突出问题集中整治"
    CONTEST = "CONTEST", "擂台比武"


class CampaignState(models.TextChoices):
    DRAFT = "DRAFT", "筹备"
    RUNNING = "RUNNING", "进行中"
    FINISHED = "FINISHED", "已结束"
    CANCELLED = "CANCELLED", "已取消"


class RoundKind(models.TextChoices):
    DISPATCH = "DISPATCH", "半月调度"
    CHECK = "CHECK", "月检查"


class HandlingForm(models.IntegerChoices):
    """四种形态: how heavily a matter was handled."""

    FIRST = 1, "第一种形态"
    SECOND = 2, "第二种形态"
    THIRD = 3, "第三种形态"
    FOURTH = 4, "第四种形态"


class Treatment(models.IntegerChoices):
    """How a counted violation stands in statistics: its form, or why it has none yet."""

    FIRST = HandlingForm.FIRST.value, HandlingForm.FIRST.label
    SECOND = HandlingForm.SECOND.value, HandlingForm.SECOND.label
    THIRD = HandlingForm.THIRD.value, HandlingForm.THIRD.label
    FOURTH = HandlingForm.FOURTH.value, HandlingForm.FOURTH.label
    SENT = 5, "已转问责，待处理"
    UNHANDLED = 6, "未处理"


class ClueChannel(models.TextChoices):
    LETTER = "LETTER", "来信"
    CALL = "CALL", "来电"
    VISIT = "VISIT", "来访"
    MAILBOX = "MAILBOX", "网上信箱"
    SUPERVISOR = "SUPERVISOR", "群众监督员"
    INSPECTION = "INSPECTION", "明察暗访"
    PATROL = "PATROL", "巡察"
    ASSIGNED = "ASSIGNED", "上级交办"
    MEDIA = "MEDIA", "媒体"


class ClueState(models.TextChoices):
    REGISTERED = "REGISTERED", "已登记"
    ASSIGNED = "ASSIGNED", "待提出处置意见"
    PROPOSED = "PROPOSED", "待审批"
    IN_HAND = "IN_HAND", "办理中"
    STORED = "STORED", "暂存待查"
    REPORTED = "REPORTED", "待审批了结"
    CONCLUDED = "CONCLUDED", "已了结"
    TRANSFERRED = "TRANSFERRED", "已移送"
    MERGED = "MERGED", "已并案"


class ClueMethod(models.TextChoices):
    """The four ways of handling a clue (检举控告工作规则第十七条)."""

    TALK = "TALK", "谈话函询"
    CHECK = "CHECK", "初步核实"
    STORE = "STORE", "暂存待查"
    CONCLUDE = "CONCLUDE", "予以了结"


class Timeliness(models.TextChoices):
    """How something with a limit stands on a day."""

    ON_TIME = "ON_TIME", "按时完成"
    LATE = "LATE", "逾期完成"
    RUNNING = "RUNNING", "未到期"
    OVERDUE = "OVERDUE", "已逾期"
    UNTIMED = "UNTIMED", "不计期限"


class ClueNoticeKind(models.TextChoices):
    ACCEPTANCE = "ACCEPTANCE", "受理告知"
    FEEDBACK = "FEEDBACK", "结果反馈"


class ClueNoticeHow(models.TextChoices):
    PHONE = "PHONE", "电话"
    LETTER = "LETTER", "书面"
    FACE = "FACE", "当面"
    ONLINE = "ONLINE", "网上"
    NONE = "NONE", "联系不上"


class HandoverLevel(models.TextChoices):
    """Whose authority the person is under; never who it is."""

    CENTRAL = "CENTRAL", "中管"
    PROVINCE = "PROVINCE", "省管"
    CITY = "CITY", "市管"
    COUNTY = "COUNTY", "上级县（市）管"


class HandoverTo(models.TextChoices):
    PROVINCE = "PROVINCE", "省纪委监委"
    CITY = "CITY", "市纪委监委"
    COUNTY = "COUNTY", "县（市）纪委监委"
    STATIONED = "STATIONED", "派驻纪检监察组"


class PlanOccasion(models.TextChoices):
    HOLIDAY = "HOLIDAY", "节假日"
    TERM = "TERM", "换届"
    POST = "POST", "岗位变动"
    PROJECT = "PROJECT", "项目全程监督"
    DAILY = "DAILY", "日常"


class SamplingMethod(models.TextChoices):
    RANDOM = "RANDOM", "随机抽取"
    RISK = "RISK", "按风险加权抽取"
    CHOSEN = "CHOSEN", "指定单位"


class PlanState(models.TextChoices):
    DRAFT = "DRAFT", "待启动"
    RUNNING = "RUNNING", "进行中"
    FINISHED = "FINISHED", "已结束"
    CANCELLED = "CANCELLED", "已取消"


class VisitKind(models.TextChoices):
    OPEN = "OPEN", "明察"
    COVERT = "COVERT", "暗访"


class InspectionOutcome(models.TextChoices):
    """Recorded also when nothing was found, so that rates have a denominator."""

    NOTHING = "NOTHING", "未发现问题"
    FOUND = "FOUND", "发现问题"


class FindingSeverity(models.TextChoices):
    MINOR = "MINOR", "轻微"
    COMMON = "COMMON", "一般"
    GRAVE = "GRAVE", "严重"


class FindingState(models.TextChoices):
    OPEN = "OPEN", "待处理"
    TURNED_VIOLATION = "TURNED_VIOLATION", "已转违规"
    TURNED_LETTER = "TURNED_LETTER", "已建议督办"
    NOTED = "NOTED", "已教育提醒"


class RegulationKind(models.TextChoices):
    """What sort of rule a regulation is."""

    METHOD = "METHOD", "办法"
    SYSTEM = "SYSTEM", "责任制度"
    CONDUCT = "CONDUCT", "纪律要求"
    OTHER = "OTHER", "其他规定"


class ClauseChange(models.TextChoices):
    """What a new edition of a regulation does to one clause."""

    KEPT = "KEPT", "保留"
    REWORDED = "REWORDED", "修订"
    DROPPED = "DROPPED", "删去"
    ADDED = "ADDED", "新增"


class UnitMeasureKind(models.TextChoices):
    """What can be done to a unit."""

    NO_HONOURS = "NO_HONOURS", "取消评优资格"
    NO_POSTS = "NO_POSTS", "停止增人增编"
    CIRCULAR = "CIRCULAR", "通报批评（单位）"


class UnitMeasureState(models.TextChoices):
    """Where a measure stands; that its last day has passed is computed, not a state."""

    PROPOSED = "PROPOSED", "待批准"
    IN_FORCE = "IN_FORCE", "生效中"
    LIFTED = "LIFTED", "已解除"
    DECLINED = "DECLINED", "未批准"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class MeasureStanding(models.TextChoices):
    """What a unit's measure is on one day, its period included."""

    PROPOSED = "PROPOSED", "待批准"
    COMING = "COMING", "已批准，未到起始日"
    IN_FORCE = "IN_FORCE", "生效中"
    ANNOUNCED = "ANNOUNCED", "已通报"
    EXPIRED = "EXPIRED", "已期满"
    LIFTED = "LIFTED", "已解除"
    DECLINED = "DECLINED", "未批准"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class EducationKind(models.TextChoices):
    PARTY_CLASS = "PARTY_CLASS", "党课"
    TOPIC = "TOPIC", "专题教育"
    PRE_POST = "PRE_POST", "任前廉政谈话"
    GROUP_TALK = "GROUP_TALK", "集体约谈"
    HEART_TALK = "HEART_TALK", "谈心谈话"


class EventState(models.TextChoices):
    """An event recorded by mistake is kept and marked; it was not held."""

    RECORDED = "RECORDED", "已登记"
    CANCELLED = "CANCELLED", "已作废"


class PaperLevel(models.TextChoices):
    """两级调阅: the unit head reads the papers, then the discipline office samples those read."""

    READ = "READ", "初阅"
    SAMPLED = "SAMPLED", "抽阅"


class CommendationKind(models.TextChoices):
    REWARD = "REWARD", "一事一嘉奖"
    PROMOTION = "PROMOTION", "重用提拔"
    HONOUR = "HONOUR", "表彰"


class CommendationState(models.TextChoices):
    PROPOSED = "PROPOSED", "待确认"
    CONFIRMED = "CONFIRMED", "已确认"
    DECLINED = "DECLINED", "未确认"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class LetterState(models.TextChoices):
    """Where a supervision letter stands, from the draft to the last item ticked off."""

    DRAFT = "DRAFT", "拟稿"
    IN_REVIEW = "IN_REVIEW", "待审核"
    APPROVED = "APPROVED", "待签发"
    ISSUED = "ISSUED", "已签发"
    RECEIVED = "RECEIVED", "已签收"
    RECTIFYING = "RECTIFYING", "整改中"
    CLOSED = "CLOSED", "已销号"
    CANCELLED = "CANCELLED", "已作废"


class ItemState(models.TextChoices):
    OPEN = "OPEN", "整改中"
    REPORTED = "REPORTED", "待核验"
    PASSED = "PASSED", "已通过"


class ExtensionState(models.TextChoices):
    ASKED = "ASKED", "待审批"
    GRANTED = "GRANTED", "已同意"
    REFUSED = "REFUSED", "不同意"


class CheckResult(models.TextChoices):
    """What the officer found when checking a feedback."""

    PASSED = "PASSED", "通过"
    RETURNED = "RETURNED", "退回"


class ChaseKind(models.TextChoices):
    """The rungs of chasing an overdue item, each after the one before."""

    FIRST = "FIRST", "第一次催办"
    SECOND = "SECOND", "第二次催办"
    TALK = "TALK", "约谈"
    PROPOSAL = "PROPOSAL", "建议启动问责"


class HandlingWay(models.TextChoices):
    """First-level handling, within the discipline office; anything heavier is proposed as a case."""

    CRITICISM = "CRITICISM", "批评教育"
    SELF_REVIEW = "SELF_REVIEW", "责令检查"
    PLEDGE = "PLEDGE", "公开承诺"
    TALK = "TALK", "提醒谈话"
    CIRCULAR = "CIRCULAR", "通报批评"


class Circumstance(models.TextChoices):
    """从轻 and 从重 circumstances; they bear on what is suggested and decide nothing.

    Sources: 政务处分法 11–13, 行政机关公务员处分条例 12–15 and published local rules.
    """

    CONFESSED = "CONFESSED", "从轻：主动交代"
    COOPERATED = "COOPERATED", "从轻：配合核查"
    AVERTED_LOSS = "AVERTED_LOSS", "从轻：主动挽回损失"
    MINOR_PART = "MINOR_PART", "从轻：起次要作用"
    REPAID = "REPAID", "从轻：主动退赔"
    WITHIN_PERIOD = "WITHIN_PERIOD", "从重：影响期内再犯"
    BLOCKED_REPORT = "BLOCKED_REPORT", "从重：阻止检举"
    COLLUDED = "COLLUDED", "从重：串供毁证"
    REFUSED_REPAY = "REFUSED_REPAY", "从重：拒不退赔"
    TWICE_A_YEAR = "TWICE_A_YEAR", "从重：一年内两次以上"
    RETALIATED = "RETALIATED", "从重：打击报复"
