"""How values are written on pages: dates with their zone, sizes, states, people."""

from datetime import date, datetime

from flask import Flask

from riskapp.core import countries

KIB = 1024

STATES = {
    "draft": "Draft",
    "issued": "Issued",
    "in-progress": "In progress",
    "submitted": "Submitted",
    "in-review": "In review",
    "returned": "Returned",
    "decided": "Decided",
    "cancelled": "Cancelled",
}
OUTCOMES = {
    "approve": "Approved",
    "approve-with-conditions": "Approved with conditions",
    "reject": "Rejected",
}
SERVICES = {
    "development": "Development",
    "infrastructure": "Infrastructure, data centre, cloud",
    "soc": "Security operations (SOC)",
    "helpdesk": "Helpdesk",
    "qa": "QA and testing",
    "staff-augmentation": "Staff augmentation",
    "saas": "Software as a service",
    "consulting": "Consulting",
}


def register(app: Flask) -> None:
    app.jinja_env.filters.update(
        date=written_date,
        time=written_time,
        size=written_size,
        country=countries.name,
        state=lambda state: STATES[state],
        outcome=lambda outcome: OUTCOMES[outcome],
        service=lambda service: SERVICES[service],
    )


def written_date(day: date | None) -> str:
    """3 November 2026."""
    return "" if day is None else f"{day.day} {day:%B %Y}"


def written_time(moment: datetime | None) -> str:
    """3 November 2026, 14:05 UTC."""
    return "" if moment is None else f"{written_date(moment.date())}, {moment:%H:%M} UTC"


def written_size(size: int) -> str:
    """1.4 MiB; bytes are whole."""
    amount, unit = float(size), "bytes"
    for larger in ("KiB", "MiB", "GiB"):
        if amount < KIB:
            break
        amount, unit = amount / KIB, larger
    return f"{size} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
