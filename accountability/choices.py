"""Word lists of accountability: kinds of measures, what they bring, from when to when."""

from django.db import models


class PersonKind(models.TextChoices):
    """By which rules a person is held to account; the values are those of `impact_periods`' files."""

    CIVIL_SERVANT = "civil_servant", "公务员"
    INSTITUTION = "institution", "事业单位工作人员"
    CONTRACT = "contract", "编外聘用人员"


class Nature(models.TextChoices):
    EDUCATION = "EDUCATION", "批评教育"
    INQUIRY = "INQUIRY", "问责方式"
    RIDER = "RIDER", "附带后果"
    ORGANISATION = "ORGANISATION", "组织处理"
    RESIGNATION = "RESIGNATION", "自行辞去领导职务"
    CONTRACT = "CONTRACT", "合同处理"
    PARTY = "PARTY", "党纪处分"
    GOVERNMENT = "GOVERNMENT", "政务处分"
    INSTITUTION = "INSTITUTION", "事业单位处分"


class EffectName(models.TextChoices):
    """What a measure brings while it lasts; one may ask for each whether it stands on a day."""

    NO_PROMOTION = "NO_PROMOTION", "不得提拔"
    NO_FURTHER_USE = "NO_FURTHER_USE", "不得进一步使用"
    NO_RANK = "NO_RANK", "不得晋升职级"
    NO_GRADE_RISE = "NO_GRADE_RISE", "不得晋升级别"
    NO_WAGE = "NO_WAGE", "不得晋升工资档次"
    NOT_CANDIDATE = "NOT_CANDIDATE", "不得列为考察对象"
    NO_AWARDS = "NO_AWARDS", "取消评优评先"
    NO_LEADING_POST = "NO_LEADING_POST", "不得安排领导职务"
    NO_HIGHER_POST = "NO_HIGHER_POST", "两年不得安排更高职务"
    NO_EQUAL_POST = "NO_EQUAL_POST", "不得担任相当或者更高职务"
    NO_OUTSIDE_POST = "NO_OUTSIDE_POST", "不得推荐担任更高党外职务"
    NO_HIGHER_JOB = "NO_HIGHER_JOB", "不得聘用高岗"
    NO_TITLE = "NO_TITLE", "不得参评职称"
    SUSPENDED = "SUSPENDED", "停职"
    NO_REJOIN = "NO_REJOIN", "不得重新入党"
    NO_REHIRE = "NO_REHIRE", "不得录用为公务员"


BARS_PROMOTION = frozenset(
    {
        EffectName.NO_PROMOTION,
        EffectName.NO_FURTHER_USE,
        EffectName.NO_LEADING_POST,
        EffectName.NO_HIGHER_POST,
        EffectName.NO_EQUAL_POST,
        EffectName.NO_OUTSIDE_POST,
    }
)
"""不得提拔一类: of these the latest end counts (rule A)."""


class StartRule(models.TextChoices):
    EFFECTIVE = "EFFECTIVE", "自生效日起"
    RESTORED = "RESTORED", "自恢复党员权利之日起"


class EndRule(models.TextChoices):
    PERIOD = "PERIOD", "与影响期同止"
    MONTHS = "MONTHS", "满规定月数"
    YEAR_END = "YEAR_END", "到当年年底"
    OWN_END = "OWN_END", "到措施结束"
    NEVER = "NEVER", "长期"


class EndedMeaning(models.TextChoices):
    """What the day 终止日 of a measure says. In each case it is the first day without the measure."""

    RELEASED = "RELEASED", "提前解除之日"
    OWN_END = "OWN_END", "停职结束（复职）之日"
    RESTORED = "RESTORED", "恢复党员权利之日"


class AnnualLimit(models.TextChoices):
    """What becomes of the grade of a year; the later in the list, the heavier."""

    NOT_EXCELLENT = "NOT_EXCELLENT", "不得优秀"
    NO_GRADE = "NO_GRADE", "不定等次"
    INCOMPETENT = "INCOMPETENT", "不称职"


class GroundGroup(models.TextChoices):
    BREACH = "BREACH", "违规违纪"
    DECISION = "DECISION", "决策失误"
    WORK = "WORK", "工作失误"
    STYLE = "STYLE", "作风效能与管理"
