"""What one audit event says, before it has a place in the chain."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models


@dataclass(frozen=True, slots=True)
class Entry:
    """A change to one subject. ``subject_type`` is Django's label, such as ``tenants.tenant``."""

    subject_type: str
    subject_id: str
    subject_label: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    organization_id: UUID | None = None

    @classmethod
    def of(
        cls,
        subject: models.Model,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        organization_id: UUID | None = None,
    ) -> "Entry":
        """Return the entry for a row."""
        return cls(
            subject_type=subject._meta.label_lower,
            subject_id=str(subject.pk),
            subject_label=str(subject)[:300],
            before=before or {},
            after=after or {},
            organization_id=organization_id,
        )
