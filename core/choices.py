"""Fixed word lists of the core."""

from django.db import models


class UnitKind(models.TextChoices):
    DISTRICT = "DISTRICT", "区"
    ORGAN = "ORGAN", "机关"
    SECOND_TIER = "SECOND_TIER", "二层机构"
    TOWNSHIP = "TOWNSHIP", "乡镇街道"


class Establishment(models.TextChoices):
    """编制类型: decides which rules of measure and appeal apply to a person."""

    CIVIL_SERVANT = "CIVIL_SERVANT", "在编（公务员）"
    INSTITUTION = "INSTITUTION", "在编（事业）"
    CONTRACT = "CONTRACT", "编外"


class RoleCode(models.TextChoices):
    DISCIPLINE_OFFICER = "DISCIPLINE_OFFICER", "纪检工作人员"
    DISCIPLINE_HEAD = "DISCIPLINE_HEAD", "纪检负责人"
    PROJECT_LEADER = "PROJECT_LEADER", "项目组长"
    ASSESSMENT_OFFICER = "ASSESSMENT_OFFICER", "考核工作人员"
    UNIT_HEAD = "UNIT_HEAD", "单位负责人"
    CADRE = "CADRE", "干部"
    LEADERSHIP = "LEADERSHIP", "区领导"
    SYSTEM_ADMIN = "SYSTEM_ADMIN", "系统管理员"
    SECURITY_ADMIN = "SECURITY_ADMIN", "安全管理员"
    AUDITOR = "AUDITOR", "审计员"


class Duty(models.TextChoices):
    """三员分立: one account serves one duty only; the three admin duties and business exclude each other."""

    BUSINESS = "BUSINESS", "业务"
    SYSTEM = "SYSTEM", "系统管理"
    SECURITY = "SECURITY", "安全管理"
    AUDIT = "AUDIT", "审计"


DUTY_OF_ROLE = dict.fromkeys(RoleCode, Duty.BUSINESS) | {
    RoleCode.SYSTEM_ADMIN: Duty.SYSTEM,
    RoleCode.SECURITY_ADMIN: Duty.SECURITY,
    RoleCode.AUDITOR: Duty.AUDIT,
}


class JobState(models.TextChoices):
    QUEUED = "QUEUED", "等待处理"
    RUNNING = "RUNNING", "处理中"
    DONE = "DONE", "已完成"
    FAILED = "FAILED", "未完成"


class ImportState(models.TextChoices):
    PREVIEWED = "PREVIEWED", "待确认"
    CONFIRMED = "CONFIRMED", "已导入"
    REFUSED = "REFUSED", "有误未导入"
    TAKEN_BACK = "TAKEN_BACK", "已撤回"


class ProposalKind(models.TextChoices):
    """What a record may suggest to a person above."""

    CASE = "CASE", "建议启动问责"
    CLEARANCE = "CLEARANCE", "建议澄清正名"
    LETTER = "LETTER", "建议发督办函"
    TALK = "TALK", "建议约谈"


class ProposalState(models.TextChoices):
    OPEN = "OPEN", "待研判"
    ACCEPTED = "ACCEPTED", "已采纳"
    DECLINED = "DECLINED", "不采纳"
