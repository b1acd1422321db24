"""Streamed CSV: constant memory, its own transaction and scope, and cells no spreadsheet runs.

The body of a streaming answer is made after the view's transaction has ended, so the generator
opens scope and transaction itself; without them row-level security would make an export that is
empty and looks fine. The last line carries the count, so a cut download shows. Whoever loses the
role while an export runs gets no further lines.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import StreamingHttpResponse

from portal.core.access import Actor, acting
from portal.core.identity.queries import still_holds

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
FLUSH_ROWS = 500


class _Echo:
    """A file whose write gives back what was written."""

    def write(self, text: str) -> str:
        return text


def csv_response(
    *,
    filename: str,
    header: Sequence[str],
    rows: Callable[[], Iterable[Sequence[Any]]],
    actor: Actor,
) -> StreamingHttpResponse:
    """Stream ``rows()`` (called in the actor's scope, inside a transaction) as an attachment."""
    response = StreamingHttpResponse(
        _lines(header, rows, actor), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Accel-Buffering"] = "no"
    return response


def safe_cell(value: Any) -> Any:
    """Return a cell no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal):
        return value
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _lines(
    header: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]], actor: Actor
) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(header)
    count, waiting = 0, []
    with acting(actor), transaction.atomic():
        for row in rows():
            waiting.append(writer.writerow([safe_cell(cell) for cell in row]))
            count += 1
            if len(waiting) >= FLUSH_ROWS:
                yield "".join(waiting)
                waiting = []
                if not still_holds(actor):
                    yield writer.writerow([f"# stopped after {count} rows: the role is gone"])
                    return
    yield "".join(waiting) + writer.writerow([f"# {count} rows"])
