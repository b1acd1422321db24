"""Streamed exports: constant memory, their own transaction and scope, cells no spreadsheet runs.

The body of a streaming answer is made after the view's transaction has ended, so the generator
opens scope and transaction itself; without them row-level security would make an export that is
empty and looks fine. The last line of a CSV file carries the count, so a cut download shows; a
workbook that was cut does not open. Whoever loses the role while an export runs gets no further
lines.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse

from portal.core.access import Actor, acting
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.identity.queries import still_holds
from portal.web.sheets.cells import safe_cell
from portal.web.sheets.workbooks import write_workbook

AS = "as"
"""The parameter that says what an export is written as; ``format`` is taken by the API."""
CSV, XLSX = "csv", "xlsx"
CONTENT_TYPES: Final = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FLUSH_ROWS = 500
CHUNK = 64 * 1024

Rows = Callable[[], Iterable[Sequence[Any]]]


class _Echo:
    """A file whose write gives back what was written."""

    def write(self, text: str) -> str:
        return text


def format_asked(request: HttpRequest | Any) -> str:
    """Return what an export shall be written as: ``?as=csv`` (also if nothing is said) or xlsx.

    Raises:
        InvalidInput: something else.
    """
    asked = request.GET.get(AS, CSV)
    if asked not in CONTENT_TYPES:
        names = " or ".join(CONTENT_TYPES)
        raise InvalidInput(
            f"An export is written as {names}.", fields={AS: [f"Use one of: {names}."]}
        )
    return str(asked)


def table_response(
    *, name: str, header: Sequence[str], rows: Rows, actor: Actor, as_format: str = CSV
) -> StreamingHttpResponse:
    """Stream ``rows()`` (called in the actor's scope, inside a transaction) as an attachment.

    ``name`` is the file's, without an ending.
    """
    write = _workbook if as_format == XLSX else _lines
    response = StreamingHttpResponse(
        write(header, rows, actor), content_type=CONTENT_TYPES[as_format]
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.{as_format}"'
    response["X-Accel-Buffering"] = "no"
    return response


def write_table(
    stream: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Any]], *, as_format: str
) -> int:
    """Write a table to a file as an export would answer it, and return how many rows it has."""
    if as_format == XLSX:
        return write_workbook(stream, header, rows)
    writer, count = csv.writer(_Echo()), 0
    stream.write(_first_line(writer, header).encode())
    for row in rows:
        stream.write(_line(writer, row).encode())
        count += 1
    stream.write(_last_line(writer, count).encode())
    return count


def _lines(header: Sequence[str], rows: Rows, actor: Actor) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield _first_line(writer, header)
    count, waiting = 0, []
    with acting(actor), transaction.atomic():
        for row in rows():
            waiting.append(_line(writer, row))
            count += 1
            if len(waiting) >= FLUSH_ROWS:
                yield "".join(waiting)
                waiting = []
                if not still_holds(actor):
                    yield writer.writerow([f"# stopped after {count} rows: the role is gone"])
                    return
    yield "".join(waiting) + _last_line(writer, count)


def _workbook(header: Sequence[str], rows: Rows, actor: Actor) -> Iterator[bytes]:
    with TemporaryFile() as file:
        with acting(actor), transaction.atomic():
            write_workbook(file, header, _while_held(rows(), actor))
        file.seek(0)
        yield from iter(partial(file.read, CHUNK), b"")


def _while_held(rows: Iterable[Sequence[Any]], actor: Actor) -> Iterator[Sequence[Any]]:
    for count, row in enumerate(rows, start=1):
        yield row
        if count % FLUSH_ROWS == 0 and not still_holds(actor):
            raise NotAllowed("The role that this export was asked for with is gone.")


def _first_line(writer: Any, header: Sequence[str]) -> str:
    return f"\ufeff{writer.writerow(header)}"


def _line(writer: Any, row: Sequence[Any]) -> str:
    return str(writer.writerow([safe_cell(cell) for cell in row]))


def _last_line(writer: Any, count: int) -> str:
    return str(writer.writerow([f"# {count} rows"]))
