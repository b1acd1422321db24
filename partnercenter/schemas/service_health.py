"""How Microsoft's services are, as Microsoft Graph tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceIssue:
    """Something that is or was wrong with a service."""

    id: str
    title: str
    impact: str
    classification: str
    status: str
    service: str
    feature: str
    is_resolved: bool | None
    started: datetime | None
    ended: datetime | None
    modified: datetime | None
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHealth:
    """One service; ``status`` is Microsoft's word, ``serviceOperational`` when all is well."""

    id: str
    service: str
    status: str
    issues: tuple[ServiceIssue, ...]
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_operational(self) -> bool:
        """Say whether nothing is wrong now."""
        return self.status.lower() == "serviceoperational"


def read_service_health(body: object) -> ServiceHealth:
    """Return one service's health. Raises: MalformedAnswer when it has no id."""
    row = Fields(body)
    identity = row.text("id")
    if not identity:
        raise MalformedAnswer("The answer has a service without an id.")
    return ServiceHealth(
        id=identity,
        service=row.text("service"),
        status=row.text("status"),
        issues=tuple(_read_issue(issue) for issue in row.objects("issues")),
        raw=row.raw,
    )


def _read_issue(row: Fields) -> ServiceIssue:
    return ServiceIssue(
        id=row.text("id"),
        title=row.text("title"),
        impact=row.text("impactdescription"),
        classification=row.text("classification").lower(),
        status=row.text("status"),
        service=row.text("service"),
        feature=row.text("feature"),
        is_resolved=row.flag("isresolved"),
        started=row.moment("startdatetime"),
        ended=row.moment("enddatetime"),
        modified=row.moment("lastmodifieddatetime"),
        raw=row.raw,
    )
