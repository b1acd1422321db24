"""A file in words: what it would do or did, how far it is, and what somebody can do next."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from organizations.bulk.models import BulkLink
from organizations.files.models import UploadedFile
from organizations.files.queries import remarks_of
from portal.core.access import Actor
from portal.core.jobs.models import Job
from portal.core.money import Money
from portal.web.wording import write_count

Kind, State = UploadedFile.Kind, UploadedFile.State
STEP = 2_000
PREVIEWED = {
    "provisioned": "to provision",
    "asked": "with a tenant already, to confirm before it is linked",
    "created": "to create",
    "changed": "to change",
    "linked": "to link",
    "moved": "to move",
    "unchanged": "there already",
    "kept": "there with other values, kept as they are",
    "alike": "like one that is there, to create all the same",
    "incomplete": "to create incomplete",
    "bad_rows": "cannot be used",
}
FINISHED = {
    "provisioned": "asked for",
    "asked": "waiting to be confirmed",
    "created": "created",
    "changed": "changed",
    "linked": "linked",
    "moved": "moved",
    "unchanged": "there already",
    "kept": "there with other values, kept as they are",
    "alike": "created though like another",
    "incomplete": "created incomplete",
    "bad_rows": "left out",
    "refused": "not possible any more",
}
BULK_COUNTS = ("linked", "moved", "unchanged")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the pages show of a file. ``counts``: words, number and whether it is bad.

    ``money``: what the tenants that a file of links moves were last billed.
    """

    tone: str
    state: str
    is_moving: bool
    may_run: bool
    may_discard: bool
    counts: tuple[tuple[str, int, bool], ...]
    money: tuple[Money, ...]
    work: str
    job: Job | None
    stopped: str = ""
    expired: bool = False


def describe(file: UploadedFile) -> Shown:
    """Return a file as the pages show it (0 queries where `queries.files` read it)."""
    job = file.bulk.job if file.bulk and file.bulk.job else file.job
    bulk = file.bulk if file.bulk and file.state == State.RUNNING else None
    stopped = bool(job and not job.is_open and job.state != Job.State.DONE)
    running = file.state in (State.CHECKING, State.RUNNING) and not stopped
    if bulk is not None:
        running = bulk.state == BulkLink.State.RUNNING and not stopped
    finished = file.state == State.DONE or bool(bulk and not running)
    checked = file.state == State.CHECKED
    return Shown(
        tone=_tone(file, running=running, stopped=stopped, finished=finished),
        state=_state(file, bulk, stopped=stopped, finished=finished),
        is_moving=running,
        may_run=checked and not file.is_expired and bool(_planned(file)),
        may_discard=checked or file.state == State.REFUSED or (stopped and bulk is None),
        counts=tuple(_counts(file, bulk, finished=finished)),
        money=_money(file.bulk) if file.bulk else (),
        work=_work(file),
        job=job,
        stopped=job.error if job and stopped else "",
        expired=file.is_expired,
    )


def remark_rows(file: UploadedFile, actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield line, column, whether it is an error, and text of what there is to say."""
    for row in remarks_of(file, actor).iterator(chunk_size=STEP):
        yield row.line, row.column, "error" if row.is_error else "note", row.text


def _tone(file: UploadedFile, *, running: bool, stopped: bool, finished: bool) -> str:
    if stopped or file.state == State.REFUSED:
        return "bad"
    if running:
        return "work"
    if finished:
        return "good"
    return "warn" if file.bad_rows else "info"


def _state(file: UploadedFile, bulk: BulkLink | None, *, stopped: bool, finished: bool) -> str:
    if stopped:
        return "Stopped"
    if bulk is not None:
        return str(bulk.get_state_display())
    return str(State.DONE.label if finished else file.get_state_display())


def _counts(
    file: UploadedFile, bulk: BulkLink | None, *, finished: bool
) -> Iterator[tuple[str, int, bool]]:
    numbers = {**file.counts, "bad_rows": file.bad_rows}
    if bulk is not None:
        numbers |= {name: getattr(bulk, name) for name in BULK_COUNTS}
        numbers["unchanged"] += file.counts.get("unchanged", 0)
        numbers["refused"] = bulk.unsuccessful
    words = FINISHED if finished else PREVIEWED
    for name, text in words.items():
        if numbers.get(name):
            yield text, numbers[name], name in ("bad_rows", "refused")


def _money(bulk: BulkLink) -> tuple[Money, ...]:
    """Return per currency what the tenants of a file were last billed."""
    return tuple(Money(Decimal(part["amount"]), part["currency"]) for part in bulk.money)


def _planned(file: UploadedFile) -> int:
    done = ("created", "changed", "linked", "moved", "provisioned", "asked")
    return sum(file.counts.get(name, 0) for name in done)


def _work(file: UploadedFile) -> str:
    """Say on the button what a run will do, with its number and object."""
    parts = [
        f"{verb} {write_count(file.counts[name], one)}"
        for name, verb, one in (
            ("created", "create", "organization"),
            ("changed", "change", "organization"),
            ("linked", "link", "tenant"),
            ("moved", "move", "tenant"),
            ("provisioned", "provision", "account"),
            ("asked", "ask about", "existing tenant"),
        )
        if file.counts.get(name)
    ]
    text = " and ".join(parts)
    return text[:1].upper() + text[1:]
