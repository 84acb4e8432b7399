"""Reads of dispatch meetings and what they decided; the row scope comes from the two `…_visible_to` alone."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.permissions import Permission, may, reach
from core.queries import units_reached, workday_overrides
from core.queries.todos import Todo, Waiting, listed, waiting
from projects.choices import AssignmentState, DecisionState, DispatchKind, DispatchState
from projects.models import DispatchDecision, DispatchMeeting, KeyProject
from projects.queries.overview import Card, Event
from projects.queries.projects import projects_visible_to
from projects.rules import dispatch as rules


def decisions_visible_to(user: User) -> QuerySet[DispatchDecision]:
    """All, or of meetings held those on visible projects, owed by the own units or by oneself."""
    found = DispatchDecision.objects.select_related(
        "meeting", "project", "unit", "cadre", "assignment", "done_by", "recorded_by"
    )
    if reach(user, Permission.VIEW_PROJECTS).everywhere:
        return found
    rows = Q(project__in=projects_visible_to(user)) | owed_by(user)
    return found.filter(rows, meeting__state=DispatchState.HELD)


def owed_by(user: User) -> Q:
    """What a person, or the units the person heads, has to see done."""
    owed = Q(unit__in=units_reached(user, Permission.WORK_TASKS))
    return owed | Q(cadre=user.cadre_id) if user.cadre_id is not None else owed


def meetings_visible_to(user: User) -> QuerySet[DispatchMeeting]:
    """All; to who sees some projects only the meetings held that decided something for them."""
    found = DispatchMeeting.objects.select_related("chair", "recorded_by").order_by("-held_on", "-id")
    if reach(user, Permission.VIEW_PROJECTS).everywhere:
        return found
    decided = decisions_visible_to(user).filter(meeting=OuterRef("pk"))
    return found.filter(Exists(decided.order_by()), state=DispatchState.HELD)


def with_counts(user: User) -> QuerySet[DispatchMeeting]:
    """Visible meetings, each with how many decisions there are of which the user sees, and how many of them
    still wait: `decided` and `left`."""
    seen = Q(decisions__in=decisions_visible_to(user).order_by())
    still = seen & Q(decisions__state=DecisionState.OPEN)
    return meetings_visible_to(user).annotate(
        decided=Count("decisions", filter=seen), left=Count("decisions", filter=still)
    )


def usual_limit(meeting: DispatchMeeting) -> date:
    """The day offered as a time limit: that of the next meeting of the kind."""
    return rules.next_due(kind=meeting.kind, last=meeting.held_on, overrides=workday_overrides())


def sees_all(user: User) -> bool:
    """Whether a person reads what was said of every project, and so the meeting as a whole."""
    return reach(user, Permission.VIEW_PROJECTS).everywhere


def parts_in(decision: DispatchDecision, user: User) -> frozenset[str]:
    """The parts a person plays in a decision, by the names of `rules.dispatch.DECISION`."""
    responsible = decision.unit_id in units_reached(user, Permission.WORK_TASKS) or (
        user.cadre_id is not None and decision.cadre_id == user.cadre_id
    )
    parts = {"organiser": may(user, Permission.HOLD_DISPATCH), "responsible": responsible}
    return frozenset(part for part, plays in parts.items() if plays)


def last_before(*, kind: str, day: date) -> DispatchMeeting | None:
    """The last meeting of a kind that was held before a day."""
    held = DispatchMeeting.objects.filter(kind=kind, state=DispatchState.HELD, held_on__lt=day)
    return held.order_by("-held_on", "-id").first()


def since_for(*, kind: str, held_on: date) -> date:
    """From which day a meeting tells changes."""
    last = last_before(kind=kind, day=held_on)
    return last.held_on if last else rules.first_since(kind=kind, held_on=held_on)


def standing_meeting(*, kind: str, held_on: date) -> DispatchMeeting | None:
    """The meeting of a kind on a day that was not cancelled."""
    same = DispatchMeeting.objects.filter(kind=kind, held_on=held_on)
    return same.exclude(state=DispatchState.CANCELLED).first()


def prepared_meetings() -> dict[str, DispatchMeeting]:
    """Kind → the next of its meetings that is prepared and was not held yet."""
    waiting_ = DispatchMeeting.objects.filter(state=DispatchState.PREPARED).order_by("-held_on", "-id")
    return {meeting.kind: meeting for meeting in waiting_}


def has_task(decision: DispatchDecision) -> bool:
    """Whether a task stands for the decision: then its acceptance is what counts."""
    task = decision.assignment
    return task is not None and task.state != AssignmentState.WITHDRAWN


def kept(decision: DispatchDecision, *, today: date) -> rules.Kept:
    """What became of a decision by a day."""
    task = decision.assignment if has_task(decision) else None
    return rules.promise(
        state=decision.state,
        due_on=decision.due_on,
        done_on=decision.done_on,
        task_state=task.state if task else "",
        task_done_on=task.done_on if task else None,
        today=today,
    )


def unkept() -> Q:
    """Decisions of meetings held that are neither done nor dropped; one that a task stands for the task's own
    list has."""
    standing = Q(assignment__isnull=False) & ~Q(assignment__state=AssignmentState.WITHDRAWN)
    return Q(state=DecisionState.OPEN, meeting__state=DispatchState.HELD) & ~standing


def next_dates(today: date) -> dict[str, date]:
    """Kind → when its next meeting is due; a kind that never met is due today."""
    overrides = workday_overrides()
    due = {}
    for kind in DispatchKind:
        last = (
            DispatchMeeting.objects.filter(kind=kind, state=DispatchState.HELD).order_by("-held_on").first()
        )
        due[kind.value] = rules.next_due(kind=kind, last=last.held_on, overrides=overrides) if last else today
    return due


def todos(user: User, *, today: date) -> list[Waiting]:
    """What was decided and is still owed by this person or the units this person heads."""
    if not may(user, Permission.WORK_TASKS):
        return []
    owed = decisions_visible_to(user).filter(owed_by(user), unkept())
    return [
        waiting(
            owed.order_by("due_on", "id"),
            lambda decision: Todo(
                title=decision.what,
                who=str(decision.cadre or decision.unit),
                detail=f"{decision.project}，{decision.meeting}议定",
                url=decision.get_absolute_url(),
                action="办结",
                due_on=decision.due_on,
            ),
            label="待落实的调度事项",
            url=reverse("projects:dispatch-decision-list") + f"?state={DecisionState.OPEN}",
            today=today,
            due="due_on",
            soon=today + rules.FORTNIGHT / 2,
        )
    ]


def meeting_todos(user: User, *, today: date) -> list[Waiting]:
    """The meetings that are prepared, and those of a kind held before that are due and not prepared yet.

    Nothing is made silently: a person prepares each. A kind that never met is nobody's duty yet.
    """
    if not may(user, Permission.HOLD_DISPATCH):
        return []
    prepared = list(meetings_visible_to(user).filter(state=DispatchState.PREPARED))
    lines = [
        Todo(str(meeting), "", meeting.get_absolute_url(), "召开", "材料由系统汇总", meeting.held_on)
        for meeting in prepared
    ]
    waiting_for = {meeting.kind for meeting in prepared}
    held = set(
        DispatchMeeting.objects.filter(state=DispatchState.HELD).order_by().values_list("kind", flat=True)
    )
    for kind, due in next_dates(today).items() if held - waiting_for else ():
        if kind in held - waiting_for and due <= today + rules.AHEAD:
            word = DispatchKind(kind).label
            url = reverse("projects:dispatch-list")
            lines.append(Todo(f"{word}该开了", "", url, "筹备", f"按上次{word}推算", due))
    lines.sort(key=lambda todo: todo.due_on or date.max)
    url = reverse("projects:dispatch-list")
    return [listed(lines, label="调度会", url=url, today=today, soon=today + rules.AHEAD)]


def decisions_of(project: KeyProject) -> QuerySet[DispatchDecision]:
    """What meetings held decided for a project, the latest first; who may see the project may see it."""
    found = DispatchDecision.objects.filter(project=project, meeting__state=DispatchState.HELD)
    return found.select_related("meeting", "unit", "cadre", "assignment", "done_by").order_by(
        "-meeting__held_on", "-id"
    )


def card(project: KeyProject, user: User, today: date) -> Card | None:
    """How the promises about a project stand, on its overview."""
    found = [kept(decision, today=today).verdict for decision in decisions_of(project)]
    if not found:
        return None
    broken = found.count("BROKEN")
    return Card(
        title="调度议定事项",
        figures=[
            ("待落实", str(found.count("RUNNING") + broken)),
            ("已落实", str(found.count("KEPT") + found.count("LATE"))),
        ],
        url=reverse("projects:project-dispatch", args=[project.pk]),
        alarm=f"{broken} 件逾期未落实" if broken else "",
        order=70,
    )


def history(project: KeyProject, user: User) -> list[Event]:
    """What was decided for a project, on the day of its meeting."""
    return [
        Event(
            on=decision.meeting.held_on,
            kind="调度议定",
            title=decision.what,
            detail=f"{decision.due_on} 前，{decision.get_state_display()}",
            who=str(decision.cadre or decision.unit),
            url=decision.get_absolute_url(),
        )
        for decision in decisions_of(project)
    ]


def today_of(meeting: DispatchMeeting) -> date:
    """The day as of which a meeting's paper is read: that of the meeting, or today before it."""
    return min(meeting.held_on, timezone.localdate())
