"""Collecting what an importer says of rows, as much as anybody can read."""

from collections.abc import Iterator

from organizations.files.models import FileRemark, UploadedFile
from portal.core.access import Actor
from portal.web.sheets.reading import Remark

MOST_KEPT = 5_000
"""Remarks of one file that are kept; beyond, its rows are wrong in the same way, all of them."""
STEP = 1_000
COLUMN_LENGTH = 60


class Remarks:
    """What was said so far, the first `MOST_KEPT` of it in full."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[Remark] = []

    def add(self, remark: Remark) -> None:
        """Hear of one row."""
        self.count += 1
        if len(self._kept) < MOST_KEPT:
            self._kept.append(remark)

    def save(self, file: UploadedFile, actor: Actor) -> None:
        """Write them down in place of what was said of the file before; its row is the caller's."""
        FileRemark.objects.visible_to(actor).filter(file=file).delete()
        FileRemark.objects.bulk_create(self._rows(file), batch_size=STEP)
        file.remarks = self.count

    def _rows(self, file: UploadedFile) -> Iterator[FileRemark]:
        lines = sorted(self._kept, key=lambda remark: remark.line)
        for position, remark in enumerate(lines, start=1):
            yield FileRemark(
                reseller_id=file.reseller_id,
                file=file,
                position=position,
                line=remark.line,
                column=remark.column[:COLUMN_LENGTH],
                text=remark.text,
                is_error=remark.is_error,
            )
