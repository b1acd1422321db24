"""The web process, as gunicorn finds it."""

import os

from django.core.wsgi import get_wsgi_application

from portal.core.checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

# Django checks settings in its commands only; a web server imports this module and nothing else.
refuse_unsafe_start()
