"""The health of Microsoft's services on the day a world is made: most are well, two are not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

_SERVICES = (
    ("Exchange", "Exchange Online", "ServiceDegradation"),
    ("Intune", "Microsoft Intune", "ServiceOperational"),
    ("MicrosoftTeams", "Microsoft Teams", "ServiceOperational"),
    ("OSDPPlatform", "Microsoft 365 suite", "ServiceOperational"),
    ("OneDriveForBusiness", "OneDrive for Business", "ServiceOperational"),
    ("OrgLiveID", "Identity Service", "ServiceOperational"),
    ("SharePoint", "SharePoint Online", "ServiceInterruption"),
)
# Service, number, classification, title, feature, and whether it is over.
_ISSUES = (
    (
        "Exchange",
        "EX811204",
        "Advisory",
        "Some messages arrive late in shared mailboxes",
        "E-Mail timely delivery",
        False,
    ),
    (
        "SharePoint",
        "SP640317",
        "Incident",
        "Some sites do not open for users in western Europe",
        "SharePoint Features",
        False,
    ),
    (
        "MicrosoftTeams",
        "TM522980",
        "Advisory",
        "Presence was shown late in the desktop client",
        "Instant Messaging",
        True,
    ),
)


def service_health(today: date) -> Iterator[dict[str, Any]]:
    """Yield the services with their issues, as Graph's health overviews expand them."""
    for identity, name, status in _SERVICES:
        issues = [
            _issue(name, number, kind, title, feature, over=over, today=today)
            for service, number, kind, title, feature, over in _ISSUES
            if service == identity
        ]
        yield {"service": name, "status": status, "id": identity, "issues": issues}


def _issue(
    service: str, number: str, kind: str, title: str, feature: str, *, over: bool, today: date
) -> dict[str, Any]:
    began = today - timedelta(days=12 if over else 1)
    told = today - timedelta(days=10 if over else 0)
    text = f"{title}. " + (
        "The cause has been removed." if over else "The cause is being looked for."
    )
    return {
        "startDateTime": f"{began}T06:20:00Z",
        "endDateTime": f"{told}T05:00:00Z" if over else None,
        "lastModifiedDateTime": f"{told}T05:10:00Z",
        "title": title,
        "id": number,
        "impactDescription": text,
        "classification": kind,
        "origin": "Microsoft",
        "status": "ServiceRestored" if over else "ServiceDegradation",
        "service": service,
        "feature": feature,
        "featureGroup": service,
        "isResolved": over,
        "details": [],
        "posts": [
            {
                "createdDateTime": f"{told}T05:10:00Z",
                "postType": "Regular",
                "description": {"contentType": "Html", "content": text},
            }
        ],
    }
