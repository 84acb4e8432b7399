"""The steps of a record on its page: what can be done now, what not and why; and taking one.

A `Desk` says once, for one workflow, what a page needs to know of each step: its form, service and words. The
page draws `Desk.cards`, one address takes them all with `Desk.take`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.forms import ReasonForm, StepForm, submit
from core.models import User
from core.permissions import SignedInRequest, permission_names
from core.rules.errors import NotAllowed
from core.rules.workflow import Workflow, can

T = TypeVar("T")


@dataclass(frozen=True)
class Deed:
    """How pages take a step: the service they call, what they say after, what they ask before.

    Without `form`, a step that wants a reason asks for it in its own words, any other is a button.
    `offered`, where it is given, says whether the step makes sense for a record now; what a person may do is
    the workflow's to say.
    """

    service: Callable[..., Any]
    told: str | Callable[[Any], str]
    form: type[StepForm] | None = None
    button: str = ""
    hint: str | Callable[[Any], str] = ""
    confirm: str = ""
    look: str = "btn-primary"
    offered: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Wrong:
    """A form that came back with errors, and the card it stands on."""

    key: str
    form: Form


@dataclass(frozen=True)
class StepCard:
    """A step as `includes/step_cards.html` draws it; a barred one has no form, but a reason."""

    step: str
    key: str
    label: str
    allowed: bool
    reason: str
    url: str
    form: Form | None
    button: str
    hint: str
    confirm: str
    look: str
    is_main: bool
    """Whether it is seen at once: the step that is waited for, or one that came back with errors."""


class StepCards(list[StepCard]):
    """The steps of one record, in the order of its desk."""

    @property
    def main(self) -> list[StepCard]:
        return [card for card in self if card.is_main]

    @property
    def others(self) -> list[StepCard]:
        return [card for card in self if not card.is_main]


@dataclass(frozen=True)
class Desk:
    """Where the steps of one workflow are taken.

    `route` is an address with the record's `key` and the step's name, `argument` what the services call the
    record's id, `parts` the parts a user plays in a record. `several` for records of which a page shows more
    than one: their cards and ids are kept apart.
    """

    workflow: Workflow
    route: str
    argument: str
    deeds: Mapping[str, Deed]
    parts: Callable[[Any, User], Collection[str]] = lambda *_: ()
    key: Callable[[Any], Any] = attrgetter("pk")
    back: Callable[[Any], str] = lambda record: str(record.get_absolute_url())
    several: bool = False

    def cards(
        self,
        record: Any,
        user: User,
        *,
        parts: Collection[str] | None = None,
        wrong: Wrong | None = None,
        hints: Mapping[str, str] | None = None,
    ) -> StepCards:
        """What starts in the record's state for somebody holding its permission; why, where a step is barred.

        `parts` spares the question where the page knows them, `hints` add to or replace those of the deeds.
        """
        held, state = permission_names(user), self.workflow.state_of(record)
        playing = self.parts(record, user) if parts is None else parts
        found = StepCards()
        for name, deed in self.deeds.items():
            step = self.workflow.step(name)
            if state not in step.sources or (step.needs and step.needs not in held):
                continue
            if deed.offered is not None and not deed.offered(record):
                continue
            allowed, reason = can(self.workflow, name, state=state, permissions=held, parts=playing)
            key = self._card(record, name)
            came_back = wrong is not None and wrong.key == key
            form = None
            if allowed:
                form = wrong.form if wrong and came_back else self._form(record, name, user)
            hint = (hints or {}).get(name) or (deed.hint if isinstance(deed.hint, str) else deed.hint(record))
            found.append(
                StepCard(
                    step=name,
                    key=key,
                    label=step.label,
                    allowed=allowed,
                    reason=reason,
                    url=reverse(self.route, args=[self.key(record), name]),
                    form=form,
                    button=deed.button or step.label,
                    hint=hint,
                    confirm=deed.confirm,
                    look=deed.look,
                    is_main=came_back or (allowed and deed.look == "btn-primary"),
                )
            )
        return found

    def take(
        self, request: SignedInRequest, record: Any, step: str, *, page: Callable[[Wrong], HttpResponse]
    ) -> HttpResponse:
        """Take a step with what was sent and go back to the record with a word of success.

        A form with errors comes back on its `page` with everything that was typed; read again, that address
        leads to the record. Raises Http404 for a step
        that no page offers, PermissionDenied without its permission.
        """
        deed = self.deeds.get(step)
        if deed is None:
            raise Http404
        declared = self.workflow.step(step)
        if request.method != "POST":  # the address of a form that came back with errors, asked for again
            return redirect(self.back(record))
        if declared.needs and declared.needs not in permission_names(request.user):
            raise PermissionDenied
        form = self._form(record, step, request.user, request.POST, request.FILES)
        state = self.workflow.state_of(record)
        offered = state in declared.sources and (deed.offered is None or deed.offered(record))

        def shown(wrong: Form) -> HttpResponse:
            return page(Wrong(self._card(record, step), wrong))

        return act(
            request,
            form,
            deed.service,
            told=deed.told,
            back=self.back(record),
            page=shown if offered and form.visible_fields() else None,
            **{self.argument: record.pk},
        )

    def _card(self, record: Any, step: str) -> str:
        return f"{self.argument.removesuffix('_id')}{record.pk}-{step}" if self.several else step

    def _form(self, record: Any, step: str, user: User, *sent: Any) -> Form:
        kind, asked = self.deeds[step].form, self.workflow.step(step).note
        arguments = {"record": record, "user": user, "auto_id": f"{self._card(record, step)}_%s"}
        if kind is not None:
            return kind(*sent, **arguments)
        return ReasonForm(*sent, label=asked, **arguments) if asked else StepForm(*sent, **arguments)


def act(
    request: SignedInRequest,
    form: Form,
    service: Callable[..., T],
    *,
    told: str | Callable[[T], str],
    back: str,
    page: Callable[[Form], HttpResponse] | None,
    **arguments: Any,
) -> HttpResponse:
    """Call a service with a form's values and go `back` with a word of success.

    What the person may not do comes back as a message; a form with errors comes back on its `page` with
    everything that was typed, or as messages where no page shows it.
    """
    done = None
    if form.is_valid():
        data = {**form.cleaned_data, **arguments}
        done = submit(form, service, by=request.user, at=timezone.now(), **data)
    refused = getattr(form, "broken_rule", None)
    if isinstance(refused, NotAllowed):
        messages.error(request, f"没有保存：{refused.message}")
    elif done is None and page is not None:
        return page(form)
    elif done is None:
        for errors in form.errors.values():
            messages.error(request, f"没有保存：{' '.join(map(str, errors))}")
    else:
        messages.success(request, told if isinstance(told, str) else told(done))
    return redirect(back)
