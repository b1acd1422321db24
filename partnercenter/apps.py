"""Django's handle on this package, which otherwise knows nothing of Django."""

from django.apps import AppConfig


class PartnerCenterConfig(AppConfig):
    name = "partnercenter"
    verbose_name = "Partner Center"
