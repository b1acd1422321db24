"""How templates say what an audit event was."""

from django import template

from portal.core.audit.models import AuditEvent
from portal.core.audit.queries import sentence

register = template.Library()


@register.filter
def in_words(event: AuditEvent) -> str:
    """Return the event's sentence without its author."""
    return sentence(event)
