"""Working days where a store is: weekends and public holidays by the `holidays` library (docs/adr)."""

from datetime import date, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays

LONGEST = 366
"""Days that are counted one by one; what waits longer is late by any measure."""


@cache
def calendar(country: str | None) -> HolidayBase | None:
    """A country's weekends and holidays (ISO 3166-1 alpha-2); `None` where it is not known.

    The first one of a process loads the library's tables, which takes a tenth of a second.
    """
    try:
        return country_holidays(country) if country else None
    except NotImplementedError:
        return None


def working_days(start: date, end: date, country: str | None = None) -> int:
    """Working days after `start` up to and including `end`; Mondays to Fridays where the country is not known."""
    known = calendar(country)
    count = min(max((end - start).days, 0), LONGEST)
    days = (start + timedelta(days=n) for n in range(1, count + 1))
    return sum(day.weekday() < 5 if known is None else known.is_working_day(day) for day in days)
