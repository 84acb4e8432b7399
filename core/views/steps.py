"""The steps of a record on its page: what can be done now, what not and why; and taking one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from core.forms import submit
from core.models import User
from core.permissions import SignedInRequest, permission_names
from core.rules.errors import NotAllowed
from core.rules.workflow import Workflow, can

T = TypeVar("T")


@dataclass(frozen=True)
class Offer:
    """A step as a page offers it: where its form goes, what it asks first, how its button looks."""

    step: str
    url: str
    form: Form | None = None
    button: str = ""
    confirm: str = ""
    hint: str = ""
    look: str = "btn-primary"


@dataclass(frozen=True)
class StepCard:
    """An offered step with its answer; `includes/step_cards.html` draws it."""

    offer: Offer
    label: str
    allowed: bool
    reason: str


def step_cards(
    workflow: Workflow,
    *,
    state: str,
    user: User,
    parts: Collection[str],
    offers: Sequence[Offer],
    wrong: Form | None = None,
    wrong_step: str = "",
) -> list[StepCard]:
    """The offers whose step starts in this state, for somebody holding its permission; barred ones with the
    reason. `wrong` is a form of `wrong_step` that came back with errors."""
    cards = []
    held = permission_names(user)
    for offer in offers:
        step = workflow.step(offer.step)
        if state not in step.sources or (step.needs and step.needs not in held):
            continue
        allowed, reason = can(workflow, offer.step, state=state, permissions=held, parts=parts)
        if offer.step == wrong_step and wrong is not None:
            offer = replace(offer, form=wrong)
        cards.append(StepCard(offer, step.label, allowed, reason))
    return cards


def act(
    request: SignedInRequest,
    form: Form,
    service: Callable[..., T],
    *,
    told: str | Callable[[T], str],
    back: str,
    page: Callable[[Form], HttpResponse],
    **arguments: Any,
) -> HttpResponse:
    """Call a service with a form's values and go `back` with a word of success.

    What the person may not do comes back as a message; a form with errors comes back on its `page` with
    everything that was typed.
    """
    done = None
    if form.is_valid():
        data = {**form.cleaned_data, **arguments}
        done = submit(form, service, by=request.user, at=timezone.now(), **data)
    refused = getattr(form, "broken_rule", None)
    if isinstance(refused, NotAllowed):
        messages.error(request, f"没有保存：{refused.message}")
    elif done is None:
        return page(form)
    else:
        messages.success(request, told if isinstance(told, str) else told(done))
    return redirect(back)
