#!/usr/bin/env python
"""Django's command line. The demo needs no configuration, so it names its own environment here."""

import os
import sys

from django.core.management import execute_from_command_line

STANDALONE = {"demo", "partnercenter_simulator"}
"""Commands that run before, or without, any configured portal."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if len(sys.argv) > 1 and sys.argv[1] in STANDALONE:
        os.environ.setdefault("PORTAL_ENV", "demo")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
