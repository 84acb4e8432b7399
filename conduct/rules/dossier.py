"""Pure rules of a person's file: how a statement on it is answered."""

from __future__ import annotations

from conduct.choices import StatementState
from core.rules.workflow import Step, Workflow

S = StatementState

STATEMENT = Workflow(
    name="档案说明",
    begin="提出档案说明",
    initial=S.FILED,
    states=dict(S.choices),
    parts={"author": "提出人"},
    steps=(
        Step("answer", "答复", frozenset({S.FILED}), (S.NOTED, S.ACCEPTED, S.DECLINED),
             needs="ANSWER_DOSSIERS", never=("author",), note="答复意见"),
        Step("withdraw", "撤回", frozenset({S.FILED}), (S.WITHDRAWN,), only=("author",)),
    ),
)  # fmt: skip
