"""Uploaded files of the cast."""

from organizations.files.models import FileRemark, UploadedFile
from organizations.files.storing import store_parts
from portal.core.jobs.models import Job


def make_file(reseller_id: int, job: Job, *, canary: str) -> UploadedFile:
    """Add a file that was checked, with bytes and a remark (inside a transaction)."""
    content = f"name\n{canary} organization of a file\n".encode()
    file = UploadedFile(
        reseller_id=reseller_id,
        kind=UploadedFile.Kind.ORGANIZATIONS,
        name=f"{canary} file"[:255],
        size=len(content),
        state=UploadedFile.State.CHECKED,
        guess=f"{canary} guess",
        unknown_columns=[f"{canary} column"],
        counts={"created": 1},
        remarks=1,
        refusal=f"{canary} refusal",
        job=job,
        asked_by=f"{canary} person"[:250],
    )
    file.save(force_insert=True)
    store_parts(file, [content])
    FileRemark.objects.create(
        reseller_id=reseller_id,
        file=file,
        position=1,
        line=2,
        column="name",
        text=f"{canary} remark",
    )
    return file
