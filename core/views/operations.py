"""Jobs, the audit log, attachments and health."""

from __future__ import annotations

from datetime import timedelta

from celery import current_app
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from core.filters import AuditFilter
from core.models import AuditEvent, Heartbeat
from core.permissions import Permission, Public, SignedInRequest, requires
from core.queries import jobs_visible_to
from core.services import audit

WORKER_SILENT_AFTER = timedelta(minutes=3)


@requires(Public.SIGNED_IN)
def job_status(request: SignedInRequest, pk: int) -> HttpResponse:
    """A job's progress; as a partial it asks again until the job has ended."""
    job = get_object_or_404(jobs_visible_to(request.user), pk=pk)
    template = (
        "core/job_status.html#progress" if request.headers.get("HX-Request") else "core/job_status.html"
    )
    return render(request, template, {"job": job})


@requires(Permission.READ_AUDIT)
def audit_list(request: SignedInRequest) -> HttpResponse:
    """The audit log. Reading it leaves a row of its own."""
    listing = AuditFilter(request.GET, queryset=AuditEvent.objects.all())
    page = Paginator(listing.qs, 50).get_page(request.GET.get("page"))
    asked = {key: value for key, value in request.GET.items() if key in {*listing.filters, "page"}}
    audit.note_read(what="查看审计日志", detail=asked, by=request.user, at=timezone.now())
    template = "core/audit_list.html#table" if request.headers.get("HX-Request") else "core/audit_list.html"
    return render(request, template, {"filter": listing, "page": page})


@requires(Permission.READ_AUDIT)
@require_POST
def audit_verify(request: SignedInRequest) -> HttpResponse:
    count, broken = audit.verify_chain()
    if broken is None:
        anchors = len(audit.outside_anchors())
        told = f"与库外 {anchors} 个锚点一致" if anchors else "尚无库外锚点可以对照"
        messages.success(request, f"审计链完整：已校验 {count} 条，全部衔接，{told}。")
    else:
        messages.error(
            request, f"审计链在第 {broken.seq} 条处断开：{broken.reason}。请立即保全数据库和锚点文件并报告。"
        )
    return redirect("core:audit-list")


@requires(Public.ANYONE)
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@requires(Public.ANYONE)
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker and a worker that ran a real task lately; 503 when any is missing."""
    checks = {"database": _database_answers(), "broker": _broker_answers(), "worker": False}
    if checks["database"]:
        alive_since = timezone.now() - WORKER_SILENT_AFTER
        checks["worker"] = Heartbeat.objects.filter(name="worker", at__gte=alive_since).exists()
    ready = all(checks.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "checks": checks}, status=200 if ready else 503
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker_answers() -> bool:
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=0, timeout=2)
    except (OperationalError, OSError):
        return False
    return True
