"""Seal every stored secret with the first key of PORTAL_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.encryption import opening_key_ids, sealing_key_id
from portal.core.management.foreground import draw_bar
from tenants.connections.rotation import reseal, secrets_per_key

BATCH = 500


class Command(BaseCommand):
    help = (
        "Seal every stored secret, of every reseller, with the first key of PORTAL_ENCRYPTION_KEYS."
        " Put the new key first and keep the old one behind it until this says that it may go."
        " Can be stopped and begun again at any time; the portal may run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help="secrets per transaction")
        parser.add_argument("--count", action="store_true", help="only say what each key seals")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch must be 1 or more.")
        unopened = [] if options["count"] else self._reseal(options["batch"])
        self._tell()
        if unopened:
            raise CommandError(
                "These secrets open with no key of PORTAL_ENCRYPTION_KEYS and were left as they"
                " are; add the key that is missing, or enter them again:\n  "
                + "\n  ".join(unopened)
            )

    def _reseal(self, batch: int) -> list[str]:
        """Seal everything anew, with a bar on a terminal; return what did not open."""
        counts = secrets_per_key()
        left, done = counts.total() - counts[sealing_key_id()], 0
        unopened: list[str] = []
        for step in reseal(batch=batch):
            done += step.resealed
            unopened += step.unopened
            if self.stdout.isatty():
                bar = draw_bar(100 * done // max(left, 1))
                self.stdout.write(f"\r{bar} {done:>10,} of {left:,}", ending="")
        if self.stdout.isatty():
            self.stdout.write("")
        self.stdout.write(f"{done} secrets sealed with the key {sealing_key_id()}.")
        return unopened

    def _tell(self) -> None:
        """Print how many secrets each key seals, counted now, and what may be done with the key."""
        for key_id, count in secrets_per_key().items():
            self.stdout.write(f"key {key_id}: {count} ({self._advice(key_id, count)})")

    def _advice(self, key_id: str, count: int) -> str:
        if key_id == sealing_key_id():
            return "seals what is new"
        if key_id not in opening_key_ids():
            return "not in PORTAL_ENCRYPTION_KEYS: these do not open"
        return "keep it" if count else "may be removed from PORTAL_ENCRYPTION_KEYS"
