"""A broker that is down loses neither a saved record nor its follow-up job."""

from __future__ import annotations

import json
import time

import pytest

pytestmark = pytest.mark.browser

LOOK = """
import json
from assessment.models import Period, Result
from core.models import AuditEvent, Job
print(json.dumps({
    "jobs": sorted(set(Job.objects.values_list("state", flat=True))),
    "unsent": Job.objects.filter(sent_at=None).count(),
    "states": list(Period.objects.filter(kind="MONTH").order_by("first_day").values_list("state", flat=True)),
    "results": Result.objects.count(),
    "runs": AuditEvent.objects.filter(action="开始核算").count(),
}))
"""


def look(site):
    return json.loads(site.manage("shell", "--no-imports", "-c", LOOK).splitlines()[-1])


def test_a_month_that_fell_due_while_the_broker_was_down_is_closed_once_it_is_back(
    without_broker, broker_is_back
):
    without_broker.manage("shell", "--no-imports", "-c", "from assessment.tasks import run_due; run_due()")
    waiting = look(without_broker)
    assert waiting["jobs"] == ["QUEUED"]
    assert waiting["unsent"] >= 1
    assert waiting["results"] == 0
    with broker_is_back(without_broker) as site:
        end = time.monotonic() + 120
        while (now := look(site))["states"][0] != "REVIEW":
            assert time.monotonic() < end, now
            time.sleep(2)
    assert now["results"] == 60
    assert now["runs"] == 1
    assert "审计链完整" in site.manage("verify_audit")
