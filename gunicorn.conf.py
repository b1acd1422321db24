"""What gunicorn reads by itself when it is started here, whatever starts it."""

import gunicorn.http.wsgi  # type: ignore[import-untyped]

# Strangers need not be told which server answers, and which of its holes to try.
gunicorn.http.wsgi.SERVER = "Tenantry"
