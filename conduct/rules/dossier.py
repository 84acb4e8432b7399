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
        # Agreed is not yet done: the request stays with the office until the record says what is right.
        Step("correct", "登记改正", frozenset({S.ACCEPTED}), (S.CORRECTED,), needs="ANSWER_DOSSIERS",
             never=("author",), note="改正情况"),
        Step("withdraw", "撤回", frozenset({S.FILED}), (S.WITHDRAWN,), only=("author",)),
    ),
)  # fmt: skip
