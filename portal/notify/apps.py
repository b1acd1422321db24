"""Registers the app with Django."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "portal.notify"
