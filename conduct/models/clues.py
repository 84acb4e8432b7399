"""Clues 线索: what is heard about persons and units, the sealed identity of who said it, and its clocks."""

from __future__ import annotations

import secrets
from uuid import uuid4

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse

from conduct.choices import (
    ClueChannel,
    ClueMethod,
    ClueNoticeHow,
    ClueNoticeKind,
    ClueState,
    HandoverLevel,
    HandoverTo,
)
from core.models import Cadre, Posting, Unit, User

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
NUMBER_LENGTH = 12


def clue_number() -> str:
    """A number that tells nothing: 59 random bits, so that no gap shows a clue one may not see."""
    return "XS" + "".join(secrets.choice(ALPHABET) for _ in range(NUMBER_LENGTH))


class Clue(models.Model):
    """One thing that was heard. Its row key is random too, and seals the identity to this row."""

    id = models.UUIDField("标识", primary_key=True, default=uuid4, editable=False)
    number = models.CharField("线索号", max_length=16, unique=True, default=clue_number, editable=False)
    channel = models.CharField("来源渠道", max_length=12, choices=ClueChannel)
    received_on = models.DateField("收到日期")
    title = models.CharField("反映事项", max_length=80)
    content = models.TextField("反映内容", max_length=4000)
    is_named = models.BooleanField("实名", default=False)
    identity = models.TextField("举报人身份（密封）", blank=True, editable=False)
    contact_index = models.CharField("联系方式索引", max_length=64, blank=True, db_index=True, editable=False)
    """HMAC of the contact: says whether the same one wrote before, never which it is."""
    state = models.CharField("状态", max_length=12, choices=ClueState, default=ClueState.REGISTERED)
    handler = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承办人"
    )
    method = models.CharField("处置方式", max_length=10, choices=ClueMethod, blank=True)
    opinion = models.TextField("处置意见", max_length=2000, blank=True)
    due_on = models.DateField("当前期限", null=True, blank=True)
    handle_by = models.DateField("办理期限", null=True, blank=True)
    """By when the approved way of handling was to be done; it stays when the clue is concluded."""
    result = models.TextField("办理结果", max_length=4000, blank=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处置审批人"
    )
    approved_on = models.DateField("处置审批日期", null=True, blank=True)
    concluded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="了结审批人"
    )
    concluded_on = models.DateField("了结日期", null=True, blank=True)
    duplicate_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="duplicates",
        verbose_name="并入线索",
    )  # fmt: skip
    transferred_to = models.CharField("移送单位", max_length=80, blank=True)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "线索"
        ordering = ["-received_on", "-id"]
        indexes = [
            models.Index(fields=["-received_on", "-id"], name="clue_by_day"),
            models.Index(fields=["state", "due_on", "id"], name="clue_by_state"),
            models.Index(fields=["handler", "state"], name="clue_by_handler"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_named=True) | Q(identity="", contact_index=""), name="clue_sealed_when_named"
            ),
            models.CheckConstraint(
                condition=Q(is_named=False) | ~Q(identity=""), name="clue_named_has_identity"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(handler=None) | ~Q(approved_by=F("handler")),
                name="clue_two_people_dispose",
            ),
            models.CheckConstraint(
                condition=Q(concluded_by=None) | Q(handler=None) | ~Q(concluded_by=F("handler")),
                name="clue_two_people_conclude",
            ),
            models.CheckConstraint(
                condition=(Q(state=ClueState.MERGED) & ~Q(duplicate_of=None))
                | (~Q(state=ClueState.MERGED) & Q(duplicate_of=None)),
                name="clue_merged_names_other",
            ),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("id")), name="clue_not_its_own_duplicate"
            ),
            models.CheckConstraint(
                condition=~Q(state=ClueState.TRANSFERRED) | ~Q(transferred_to=""),
                name="clue_transfer_says_where",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(ClueState.REGISTERED, ClueState.TRANSFERRED, ClueState.MERGED))
                | Q(handler__isnull=False),
                name="clue_has_a_handler",
            ),
        ]

    def __str__(self) -> str:
        """The number alone: the audit log, page titles and messages repeat it."""
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("conduct:clue-detail", args=[self.number])


class ClueSubjectQuerySet(models.QuerySet["ClueSubject"]):
    def in_full(self) -> ClueSubjectQuerySet:
        """Adds what `ClueSubject.in_full` says beside the name: the unit of the day of receipt, and whether
        somebody else has the name."""
        posting = Posting.objects.filter(cadre=OuterRef("cadre")).covering(OuterRef("clue__received_on"))
        alike = Cadre.objects.filter(pinyin=OuterRef("cadre__pinyin"), name=OuterRef("cadre__name"))
        return self.select_related("cadre__unit", "unit").annotate(
            unit_then=Subquery(posting.order_by("-start_on", "-id").values("unit__name")[:1]),
            has_namesake=Exists(alike.exclude(pk=OuterRef("cadre"))),
        )


class ClueSubject(models.Model):
    """Whom a clue is about: a cadre, a unit, or a name that the roster does not know."""

    clue = models.ForeignKey(Clue, on_delete=models.PROTECT, related_name="subjects", verbose_name="线索")
    cadre = models.ForeignKey(
        Cadre, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被反映人"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="被反映单位"
    )
    name_text = models.CharField("花名册中没有的人", max_length=40, blank=True)

    objects = ClueSubjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "被反映对象"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cadre__isnull=False, unit=None, name_text="")
                | Q(cadre=None, unit__isnull=False, name_text="")
                | (Q(cadre=None, unit=None) & ~Q(name_text="")),
                name="cluesubject_exactly_one",
            ),
            models.UniqueConstraint(fields=["clue", "cadre"], name="cluesubject_cadre_once"),
            models.UniqueConstraint(fields=["clue", "unit"], name="cluesubject_unit_once"),
        ]

    def __str__(self) -> str:
        return str(self.cadre or self.unit or self.name_text)

    @property
    def in_full(self) -> str:
        """The name so that nobody is taken for a namesake; of a row found with the QuerySet's `in_full`."""
        if self.cadre is None:
            return str(self) if self.unit else f"{self}（花名册外）"
        unit = self.unit_then or self.cadre.unit.name  # type: ignore[attr-defined]  # annotated
        also = f"，{self.cadre.staff_no}" if self.has_namesake else ""  # type: ignore[attr-defined]  # annotated
        return f"{self}（{unit}{also}）"


class SealOpening(models.Model):
    """One look at a complainant's identity: who, why, when. The key makes each form good for one look."""

    clue = models.ForeignKey(Clue, on_delete=models.PROTECT, related_name="openings", verbose_name="线索")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="查看人")
    reason = models.CharField("查看理由", max_length=200)
    opened_at = models.DateTimeField("查看时间")
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "密封查看记录"
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return f"{self.opened_by} {self.opened_at:%Y-%m-%d}"


class ClueNotice(models.Model):
    """What a real-name reporter must be told, by when, and how it was done."""

    clue = models.ForeignKey(Clue, on_delete=models.PROTECT, related_name="notices", verbose_name="线索")
    kind = models.CharField("类别", max_length=12, choices=ClueNoticeKind)
    due_on = models.DateField("期限")
    done_on = models.DateField("告知日期", null=True, blank=True)
    how = models.CharField("告知方式", max_length=8, choices=ClueNoticeHow, blank=True)
    done_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="告知人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "实名告知"
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["done_on", "due_on", "id"], name="cluenotice_by_due")]
        constraints = [
            models.UniqueConstraint(fields=["clue", "kind"], name="cluenotice_kind_once"),
            models.CheckConstraint(
                condition=Q(done_on=None, how="", done_by=None)
                | (Q(done_on__isnull=False, done_by__isnull=False) & ~Q(how="")),
                name="cluenotice_done_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ClueHandover(models.Model):
    """A report about somebody under a higher authority: counted, handed over, never stored.

    Closed lists and dates only. There is no column that could hold a name or a word of what was said.
    """

    received_on = models.DateField("收到日期")
    channel = models.CharField("来源渠道", max_length=12, choices=ClueChannel)
    level = models.CharField("管理权限", max_length=10, choices=HandoverLevel)
    handed_to = models.CharField("移交单位", max_length=10, choices=HandoverTo)
    due_on = models.DateField("移交期限")
    handed_on = models.DateField("移交日期", null=True, blank=True)
    submission_key = models.UUIDField("提交标识", unique=True, editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "线索移交"
        ordering = ["-received_on", "-id"]
        indexes = [models.Index(fields=["-received_on", "-id"], name="cluehandover_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(handed_on=None) | Q(handed_on__gte=F("received_on")),
                name="cluehandover_after_receipt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}干部线索移交"
