"""Working days where a store is."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.attention import calendar, working_days

WORKING_DAYS = [
    ("Wed to the same Wed", date(2026, 11, 18), date(2026, 11, 18), 0),
    ("Wed to Thu", date(2026, 11, 18), date(2026, 11, 19), 1),
    ("Thu to Wed", date(2026, 11, 12), date(2026, 11, 18), 4),
    ("Fri to Sat", date(2026, 11, 13), date(2026, 11, 14), 0),
    ("Fri to Sun", date(2026, 11, 13), date(2026, 11, 15), 0),
    ("Fri to Mon", date(2026, 11, 13), date(2026, 11, 16), 1),
    ("Sat to Mon", date(2026, 11, 14), date(2026, 11, 16), 1),
    ("Sun to Fri", date(2026, 11, 15), date(2026, 11, 20), 5),
    ("a week", date(2026, 11, 11), date(2026, 11, 18), 5),
    ("over the year's end", date(2026, 12, 31), date(2027, 1, 4), 2),
    ("30 days", date(2026, 10, 19), date(2026, 11, 18), 22),
    ("backwards", date(2026, 11, 18), date(2026, 11, 12), 0),
]


@pytest.mark.parametrize(
    ("start", "end", "days"), [row[1:] for row in WORKING_DAYS], ids=[row[0] for row in WORKING_DAYS]
)
def test_working_days(start: date, end: date, days: int) -> None:
    assert working_days(start, end) == days


COUNTRIES = [
    ("over Christmas in Germany: 25 December is a Friday", "DE", date(2026, 12, 24), date(2026, 12, 28), 1),
    ("over Christmas in Britain: Boxing Day is kept on Monday", "GB", date(2026, 12, 24), date(2026, 12, 29), 1),
    ("over Thanksgiving in the United States", "US", date(2026, 11, 25), date(2026, 11, 27), 1),
    ("over Golden Week in Japan", "JP", date(2026, 5, 1), date(2026, 5, 7), 1),
    ("over a Friday and Saturday in Saudi Arabia", "SA", date(2026, 11, 19), date(2026, 11, 23), 2),
    ("over the same days in Germany", "DE", date(2026, 11, 19), date(2026, 11, 23), 2),
    ("on a Sunday in Saudi Arabia", "SA", date(2026, 11, 21), date(2026, 11, 22), 1),
    ("on a Sunday in Germany", "DE", date(2026, 11, 21), date(2026, 11, 22), 0),
    ("in a country that nobody knows", "ZZ", date(2026, 12, 24), date(2026, 12, 28), 2),
]


@pytest.mark.parametrize(
    ("country", "start", "end", "days"), [row[1:] for row in COUNTRIES], ids=[row[0] for row in COUNTRIES]
)
def test_weekends_and_holidays_are_those_of_the_store(country: str, start: date, end: date, days: int) -> None:
    assert working_days(start, end, country) == days


def test_a_calendar_is_made_once() -> None:
    assert calendar("DE") is calendar("DE")
    assert calendar("ZZ") is calendar(None) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 366))
def test_working_days_are_counted_one_by_one(start: date, count: int) -> None:
    days = [start + timedelta(days=n) for n in range(1, count + 1)]
    assert working_days(start, start + timedelta(days=count)) == sum(day.isoweekday() < 6 for day in days)
