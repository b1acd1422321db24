"""The app's configuration; its label is not one of ours."""

from django.apps import AppConfig


class LateConfig(AppConfig):
    name = "tests.operating.lateapp"
    label = "lateapp"
