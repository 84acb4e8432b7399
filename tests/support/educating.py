"""Events, tests and commendations made through the services, as the tests of education need them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from conduct.services import commendations, education, testing


def hold(district, *, by="discipline", days_ago=0, unit=None, present=(), absent=(), **other):
    values = {
        "kind": "PARTY_CLASS", "topic": "作风建设专题党课", "host_unit": district.bureau, "speaker": "单立文",
        "talker": None, "note": "全体学习。", "submission_key": uuid4(), **other,
    }  # fmt: skip
    return education.record_event(
        on=district.today - timedelta(days=days_ago),
        whole_unit=unit,
        present=[district.cadres[key] for key in present],
        absent=[district.cadres[key] for key in absent],
        by=district.users[by],
        at=district.now,
        **values,
    )


def exam(district, *, days_ago=0, by="discipline", title="月度考试", pass_mark=60, key=None):
    return testing.record_test(
        title=title, on=district.today - timedelta(days=days_ago), full_mark=Decimal(100),
        pass_mark=Decimal(pass_mark), submission_key=key or uuid4(), by=district.users[by], at=district.now,
    )  # fmt: skip


def enter(district, test, marks, *, unit=None, by="discipline"):
    return testing.save_results(
        test_id=test.pk,
        unit=unit or district.bureau,
        marks={district.cadres[key].pk: mark for key, mark in marks.items()},
        by=district.users[by],
        at=district.now,
    )


def commend(district, cadre="clerk", *, by="discipline", kind="REWARD", unit=None, days_ago=0, key=None):
    return commendations.propose_commendation(
        kind=kind, cadre=district.cadres[cadre] if cadre else None, unit=unit,
        on=district.today - timedelta(days=days_ago), reason="抢险一线表现突出。", issuer="区委",
        submission_key=key or uuid4(), by=district.users[by], at=district.now,
    )  # fmt: skip


def confirm(district, commendation, by="discipline2"):
    return commendations.confirm_commendation(
        commendation_id=commendation.pk, by=district.users[by], at=district.now
    )
