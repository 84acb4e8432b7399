"""Letters of the test district, each step by the right person."""

from datetime import date, datetime, time

import pytest
from django.utils import timezone

from tests.support.letters import Office


@pytest.fixture
def start():
    """A Wednesday morning without holidays near it; services take their moment as an argument."""
    return timezone.make_aware(datetime.combine(date(2026, 11, 11), time(10)))


@pytest.fixture
def office(district, start):
    return Office(district, start)
