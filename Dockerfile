# The portal as one image for every service of docker-compose.yml: web, workers, relay, beat, migrate.
# The first stage installs from the hash-pinned lock; the second has neither pip's cache nor a way to
# write to the code. It runs as a user without a name on a read-only file system with a /tmp.

FROM python:3.12-slim AS packages
COPY requirements.lock /
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --requirement /requirements.lock

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=portal.settings
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Static files get their hashed names here. The values below satisfy the settings during this one
# command and are in no layer's environment; the started container must bring its own.
RUN PORTAL_ENV=production PORTAL_SECRET_KEY=build PORTAL_AUDIT_KEY=build \
    PORTAL_ENCRYPTION_KEYS=build:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost/0 \
    python manage.py collectstatic --no-input --verbosity=0 \
 && python -m compileall -q portal partnercenter tenants organizations billing
USER 10001:10001
EXPOSE 8000
# How many workers and threads, and how they wait for slow clients, is in gunicorn.conf.py.
CMD ["gunicorn", "portal.wsgi", "--bind=0.0.0.0:8000"]
