"""Add a reseller and its first administrator to the installation."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse
from django.utils.text import slugify

from portal.core.errors import PortalError
from portal.core.identity.operations import found_reseller


class Command(BaseCommand):
    help = (
        "Add a reseller and its first administrator. Nobody types a password here: the"
        " administrator asks for one by mail, at the address this prints."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the company, as its people read it")
        parser.add_argument("--admin-email", required=True, metavar="ADDRESS")
        parser.add_argument("--admin-name", default="", metavar="NAME")
        parser.add_argument("--slug", default="", help="short name; default: made from the name")
        parser.add_argument("--currency", default="EUR", help="default: %(default)s")
        parser.add_argument("--locale", default="en_GB", help="default: %(default)s")
        parser.add_argument("--time-zone", default="Europe/Amsterdam", help="default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add both or neither."""
        try:
            validate_email(options["admin_email"])
        except ValidationError as error:
            raise CommandError(f"--admin-email: {' '.join(error.messages)}") from None
        try:
            reseller, _ = found_reseller(
                name=options["name"],
                slug=options["slug"] or slugify(options["name"])[:60],
                currency=options["currency"],
                locale=options["locale"],
                time_zone=options["time_zone"],
                admin_email=options["admin_email"],
                admin_name=options["admin_name"],
            )
        except PortalError as error:
            raise CommandError(error.detail) from None
        self.stdout.write(
            f"{reseller.name} is there; commands know it as {reseller.slug}."
            f" {options['admin_email']} chooses a password at"
            f" {settings.BASE_URL}{reverse('account_reset_password')}"
        )
