"""The portal's settings with one more app, whose migrations come after all others."""

from portal import settings as portal_settings

globals().update({name: getattr(portal_settings, name) for name in dir(portal_settings)})
INSTALLED_APPS = [*portal_settings.INSTALLED_APPS, "tests.operating.lateapp"]
