"""Fill the demo's portal: two resellers, their people, connections and tenants."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partnercenter.simulator.worlds import WorldError, open_world
from portal.core.errors import PortalError
from portal.demo.errors import DemoError
from portal.demo.seed import plan_for, seed


class Command(BaseCommand):
    help = (
        "Seed the demo: one login per persona, two connected resellers. Run once per state folder."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--world", required=True, help="a named world or a folder")
        parser.add_argument("--state", required=True, type=Path, help="the demo's state folder")

    def handle(self, *args: Any, **options: Any) -> None:
        world, state = options["world"], options["state"]
        try:
            first = open_world(world, cache=state / "simulator" / "worlds")
            second = open_world("second", cache=state / "simulator-2" / "worlds")
            plans = [
                plan_for(first.partner, cloud="simulator", first=True, sample=world == "small"),
                plan_for(second.partner, cloud="simulator-2", first=False, sample=False),
            ]
            seed(plans=plans, state=state, say=self.stdout.write)
        except (WorldError, DemoError, PortalError) as error:
            raise CommandError(str(error)) from None
