"""A file of any length costs the memory of a step: rows are written before many more are read."""

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations.bulk import files, previewing
from organizations.bulk.files import LAYOUT, file_rows
from organizations.bulk.models import BulkItem
from organizations.bulk.operations import preview_rows
from organizations.directory.importing import import_organizations, run
from organizations.directory.models import Organization
from organizations.directory.organization_file import LAYOUT as ORGANIZATIONS
from portal.core.access import acting
from portal.web.sheets.reading import Remark, Row, Table
from tenants.discovery.models import Tenant
from tests.factories.tenants import make_tenants
from tests.organizations.linking.scene import Scene, at_work

pytestmark = pytest.mark.django_db(transaction=True)
STEP = 10


@pytest.fixture(autouse=True)
def _short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (files, previewing, run):
        monkeypatch.setattr(module, "STEP", STEP)


class Ahead:
    """Rows that are watched while they are read: how many were read and not yet written."""

    def __init__(self, rows: Iterable[Row | Remark], model: type[BulkItem | Organization]) -> None:
        self.most = 0
        self._rows, self._model = rows, model

    def __iter__(self) -> Iterator[Row | Remark]:
        begin = self._model.objects.count()
        for read, row in enumerate(self._rows, start=1):
            self.most = max(self.most, read - (self._model.objects.count() - begin))
            yield row


def table(lines: Iterable[str], layout: object = LAYOUT) -> Table:
    content = "\n".join(lines).encode()
    return Table(lambda: io.BytesIO(content), layout)  # type: ignore[arg-type]


def link_lines(scene: Scene, tenants: list[Tenant]) -> list[str]:
    number = scene.organization.number
    return [
        "microsoft_id,organization_number",
        *(f"{tenant.microsoft_id},{number}" for tenant in tenants),
    ]


def test_a_preview_of_links_reads_no_more_than_two_steps_ahead(north: Scene) -> None:
    tenants, statements = make_tenants(north.connection, 9 * STEP), []
    actor = north.operator.actor
    for count in (3 * STEP, 6 * STEP, 9 * STEP):
        with acting(actor), CaptureQueriesContext(connection) as captured:
            rows = Ahead(table(link_lines(north, tenants[:count])).rows(), BulkItem)
            draft = preview_rows(file_rows(rows, actor=actor), actor=actor, source="links.csv")
        assert draft.to_link == count
        assert rows.most <= 2 * STEP
        looking = count + 1  # what the watching itself asked
        statements.append(len(captured) - looking)
    assert statements[1] - statements[0] == statements[2] - statements[1] <= 3 * 10


def test_an_import_of_organizations_reads_no_more_than_one_step_ahead(north: Scene) -> None:
    lines = ["number,name", *(f"N{number},Company {number}" for number in range(6 * STEP))]
    watched: list[Ahead] = []

    def read() -> Ahead:
        watched.append(Ahead(table(lines, ORGANIZATIONS).rows(), Organization))
        return watched[-1]

    with at_work(north.operator.actor) as actor:
        report = import_organizations(read, actor=actor, tell=lambda remark: None)
    assert report.created == 6 * STEP
    assert watched[0].most <= STEP


class Counted(io.BytesIO):
    """A file that knows how far it was read."""

    read_to = 0

    def readinto(self, buffer: "memoryview", /) -> int:  # type: ignore[override]
        count = super().readinto(buffer)
        Counted.read_to = max(Counted.read_to, self.tell())
        return count

    def read1(self, size: int | None = -1, /) -> bytes:
        content = super().read1(size)
        Counted.read_to = max(Counted.read_to, self.tell())
        return content


def test_the_first_row_is_there_before_the_rest_of_the_file_is_read() -> None:
    content = b"microsoft_id,organization_number\n" + b"a,b\n" * 500_000

    def opened() -> BinaryIO:
        return cast(BinaryIO, Counted(content))

    read = Table(opened, LAYOUT)
    assert read.encoding.name
    Counted.read_to = 0
    first = next(iter(read.rows()))
    assert isinstance(first, Row) and first.line == 2
    assert 0 < Counted.read_to < 100_000 < len(content)
