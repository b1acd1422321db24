"""What the worker does for this capability: reading files, importing them, forgetting old ones."""

from structlog import get_logger

from organizations.files.checking import check_file
from organizations.files.operations import CHECK_FILE, RUN_FILE, forget_files
from organizations.files.running import run_rows
from portal.core.access import acting, system_actor
from portal.core.identity.queries import active_resellers
from portal.core.jobs.kinds import register
from portal.core.jobs.schedule import Daily, register_schedule

FORGETTING = "forgetting of uploaded files"
log = get_logger(__name__)

register(CHECK_FILE, check_file)
register(RUN_FILE, run_rows)


def forget_all() -> None:
    """Delete the files of every reseller that can no longer be run."""
    for reseller in active_resellers():
        actor = system_actor(reseller.pk, FORGETTING)
        with acting(actor):
            gone = forget_files(actor=actor)
        if gone:
            log.info("uploaded_files_forgotten", reseller=reseller.pk, files=gone)


register_schedule(Daily(FORGETTING, hour=3, minute=47, do=forget_all))
