"""A run as a file: CSV with a line per step, or JSON as the API answers it."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from django.http import HttpResponseBase, JsonResponse

from portal.core.access import Actor
from portal.web.exports import table_response
from tenants.integration.models import IntegrationStep, IntegrationTest
from tenants.integration.plan import title_of
from tenants.integration.queries import steps_of, with_steps
from tenants.integration.serializers import WholeIntegrationTestSerializer

COLUMNS = (
    "connection",
    "asked_at",
    "asked_by",
    "position",
    "step",
    "title",
    "state",
    "seconds",
    "seen",
    "reason",
    "advice",
    "code",
    "correlation_id",
    "request_id",
)


def export_csv(actor: Actor, test: IntegrationTest, *, as_format: str = "csv") -> HttpResponseBase:
    """Answer the steps of a run as CSV or XLSX."""
    return table_response(
        name=_name_of(test),
        header=COLUMNS,
        rows=partial(_rows, test),
        actor=actor,
        as_format=as_format,
    )


def export_json(test: IntegrationTest) -> HttpResponseBase:
    """Answer a run with its steps as one JSON object."""
    answer = JsonResponse(WholeIntegrationTestSerializer(with_steps(test)).data)
    answer["Content-Disposition"] = f'attachment; filename="{_name_of(test)}.json"'
    return answer


def _rows(test: IntegrationTest) -> Iterator[Sequence[Any]]:
    for step in steps_of(test):
        yield (
            test.connection.name,
            test.created_at.isoformat(),
            test.job.asked_by,
            step.position,
            step.name,
            title_of(step.name),
            step.state,
            step.seconds,
            _seen_of(step),
            step.reason,
            step.advice,
            step.code,
            step.correlation_id,
            step.request_id,
        )


def _seen_of(step: IntegrationStep) -> str:
    return "; ".join(f"{fact['name']}: {fact['value']}" for fact in step.seen)


def _name_of(test: IntegrationTest) -> str:
    return f"integration-test-{test.created_at:%Y-%m-%d-%H%M}"
