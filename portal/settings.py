"""All settings, read from the environment in this one place.

A missing or bad value stops the start and names itself. Secrets may come from a file: ``NAME_FILE``
beside ``NAME``. ``PORTAL_ENV`` is ``production`` unless the demo or the tests say otherwise;
production has no default for any secret.
"""

import base64
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from portal.core.mail_providers import backend_of, provider_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

PORTAL_ENV = env.str("PORTAL_ENV", default="production")
if PORTAL_ENV not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"PORTAL_ENV is {PORTAL_ENV!r}; use production, demo or test.")
PRODUCTION = PORTAL_ENV == "production"


def secret(name: str, stand_in: str) -> str:
    """Return a secret; outside production a stand-in lets commands run that need none."""
    value: str = env.str(name, default="" if PRODUCTION else stand_in)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. See docs/settings.md.")
    return value


DEBUG = env.bool("PORTAL_DEBUG", default=False)
# Nothing is changed, sent or run; for the time between a restore and its reconciliation (DEC18).
READ_ONLY = env.bool("PORTAL_READ_ONLY", default=False)
SECRET_KEY = secret("PORTAL_SECRET_KEY", "stand-in-" * 6)
ENCRYPTION_KEYS = secret(
    "PORTAL_ENCRYPTION_KEYS", "stand-in:" + base64.b64encode(bytes(32)).decode()
)
AUDIT_KEY = secret("PORTAL_AUDIT_KEY", "stand-in-audit-key").encode()
ALLOWED_HOSTS = env.list(
    "PORTAL_ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost"]
)
BASE_URL = env.str("PORTAL_BASE_URL", default="http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []
# Says that nobody else is on the network to the database and the queue, so they may go without TLS.
PRIVATE_NETWORK = env.bool("PORTAL_PRIVATE_NETWORK", default=False)

INSTALLED_APPS = [
    "portal.core",
    "portal.web",
    "portal.notify",
    "portal.demo",
    "partnercenter",
    "tenants",
    "organizations",
    "billing",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.web.metrics.MetricsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.web.headers.ResponseHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.web.actors.ActorMiddleware",
    "portal.web.limits.LimitMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.web.failures.PortalErrorMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
FORM_RENDERER = "portal.web.formrender.PortalFormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.surroundings",
                "organizations.alert.context.unlinked_tenants",
            ],
        },
    }
]

# --- database: one login for the web and the workers, another for migrations (DEC1, DEC17) ---

# A host that does not answer at all must not hold up a start, or a request, for minutes.
DATABASE_OPTIONS = {"options": "-c timezone=UTC", "connect_timeout": 5}


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for a PostgreSQL address, on the portal's own backend."""
    config: dict[str, Any] = environ.Env.db_url_config(url)
    return config | {
        "ENGINE": "portal.core.database",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": env.int("PORTAL_DATABASE_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "OPTIONS": {**DATABASE_OPTIONS, **config.get("OPTIONS", {})},
    }


DATABASE_URL = secret("DATABASE_URL", "postgres://app_web@127.0.0.1:5432/tenantry")
DATABASE_MIGRATE_URL = env.str("DATABASE_MIGRATE_URL", default="")
DATABASES = {"default": database(DATABASE_URL)}
if DATABASE_MIGRATE_URL:
    DATABASES["migrate"] = database(DATABASE_MIGRATE_URL) | {"ATOMIC_REQUESTS": False}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- queue and cache: Redis or Valkey; both may be lost at any time (DEC3) ---

REDIS_URL = secret("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.str("CACHE_URL", default=REDIS_URL),
        "KEY_PREFIX": "tenantry",
    }
}

# --- people ---

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "portal.web.signin.ClosedAccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # portal.web.limits counts tries, where they survive losing the cache
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# --- how often somebody may ask (DEC16): requests per window, 0 for no limit ---

LIMIT_SECONDS = env.int("PORTAL_LIMIT_SECONDS", default=60)
LIMIT_USER = env.int("PORTAL_LIMIT_USER", default=3_000)
LIMIT_TOKEN = env.int("PORTAL_LIMIT_TOKEN", default=6_000)
LIMIT_RESELLER = env.int("PORTAL_LIMIT_RESELLER", default=30_000)
LIMIT_ADDRESS = env.int("PORTAL_LIMIT_ADDRESS", default=12_000)
LIMIT_DOMAIN_CHECKS = env.int("PORTAL_LIMIT_DOMAIN_CHECKS", default=60)
LIMIT_WEBHOOK = env.int("PORTAL_LIMIT_WEBHOOK", default=1_200)

# --- HTTP: secure wherever the address is https, plain only on a developer's loopback ---

SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
# How many proxies of ours each add to X-Forwarded-For; https ends at one.
PROXIES = env.int("PORTAL_PROXIES", default=1 if SECURE else 0)
if SECURE:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("PORTAL_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^health/"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = env.bool("PORTAL_HSTS_PRELOAD", default=False)
# Browsers' preload lists bind a whole registrable domain, with every other site on it, for months:
# that is for its owner to decide and not for one portal on it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "portal.web.failures.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", "https://login.microsoftonline.com"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
# Of a file to import. The web server takes a little more, see portal.web.server.
UPLOAD_BYTES = min(env.int("PORTAL_UPLOAD_BYTES", default=20_000_000), 20_000_000)

# --- static files, language, time ---

STATIC_URL = "/static/"
STATIC_ROOT = (
    env.str("PORTAL_STATIC_ROOT", default=str(BASE_DIR / "staticfiles")) if PRODUCTION else None
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# --- mail ---

# A mail server, or the API of a service instead (see docs/settings.md).
MAIL_PROVIDER = env.str("PORTAL_MAIL_PROVIDER", default="")
MAIL_API_URL = env.str("PORTAL_MAIL_API_URL", default="")
ANYMAIL: dict[str, str] = {}
EMAIL_CONFIG: dict[str, Any] = {}
if MAIL_PROVIDER:
    EMAIL_BACKEND = backend_of(MAIL_PROVIDER)
    ANYMAIL = provider_settings(
        MAIL_PROVIDER,
        key=env.str("PORTAL_MAIL_API_KEY", default=""),
        second=env.str("PORTAL_MAIL_API_SECRET", default=""),
        domain=env.str("PORTAL_MAIL_DOMAIN", default=""),
        url=MAIL_API_URL,
    )
else:
    EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
if EMAIL_CONFIG.get("EMAIL_FILE_PATH"):
    # The reader of addresses takes the first slash off, which would put mails below the code.
    EMAIL_CONFIG["EMAIL_FILE_PATH"] = f"/{EMAIL_CONFIG['EMAIL_FILE_PATH'].lstrip('/')}"
vars().update(EMAIL_CONFIG)
if READ_ONLY:
    EMAIL_BACKEND = "portal.core.mail.HeldBack"
DEFAULT_FROM_EMAIL = env.str("PORTAL_FROM_EMAIL", default="tenantry@localhost")

# --- first passwords of new tenants (DEC13): how long a link opens, and how long one is kept ---

WELCOME_LINK_HOURS = env.int("PORTAL_WELCOME_LINK_HOURS", default=72)
FIRST_PASSWORD_DAYS = env.int("PORTAL_FIRST_PASSWORD_DAYS", default=7)

# --- webhooks: messages to programs of resellers ---

# For developers only: lets them lead to this machine or its network, and do without TLS.
WEBHOOKS_TO_PRIVATE = env.bool("PORTAL_WEBHOOKS_TO_PRIVATE", default=False)

# --- Partner Center: addresses come from here; outside production simulators can stand in ---

CA_BUNDLES = env.list("PARTNERCENTER_CA_BUNDLE", default=[])


def simulated_clouds(text: str, bundles: list[str]) -> dict[str, dict[str, str]]:
    """Read ``name=address,name=address``; one bundle serves all, or each has its own in order."""
    clouds: dict[str, dict[str, str]] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, address = pair.partition("=")
        if not name or name in {*clouds, "global"} or "://" not in address:
            raise ImproperlyConfigured(
                f"PARTNERCENTER_SIMULATORS: {pair!r} is not of the form name=https://host:port, or"
                " its name is taken."
            )
        bundle = bundles[len(clouds)] if len(clouds) < len(bundles) else (bundles or [""])[-1]
        clouds[name] = {
            "API": address,
            "AUTHORITY": address,
            "GRAPH": address,
            "CA_BUNDLE": bundle,
        }
    return clouds


# Microsoft refuses from the 501st on; other programs of the partner share that.
PARTNERCENTER_CALLS_A_MINUTE = env.int("PARTNERCENTER_CALLS_A_MINUTE", default=450)
# Where Microsoft keeps the certificates that its events are signed with.
PARTNERCENTER_CERTIFICATE_HOSTS = env.list(
    "PARTNERCENTER_CERTIFICATE_HOSTS", default=["3psostorageacct.blob.core.windows.net"]
)
SIMULATED_CLOUDS = simulated_clouds(env.str("PARTNERCENTER_SIMULATORS", default=""), CA_BUNDLES)
PARTNERCENTER_CLOUDS: dict[str, dict[str, str]] = {
    "global": {
        "API": "https://api.partnercenter.microsoft.com",
        "AUTHORITY": "https://login.microsoftonline.com",
        "GRAPH": "https://graph.microsoft.com",
        "CA_BUNDLE": CA_BUNDLES[0] if CA_BUNDLES and not SIMULATED_CLOUDS else "",
    },
    **SIMULATED_CLOUDS,
}

# --- provisioning ---

PROVISIONING_INSTANCE = env.str("PROVISIONING_INSTANCE", default="BSS")
PROVISIONING_CLOUD_INSTANCE = env.str("PROVISIONING_CLOUD_INSTANCE", default="GL")
PROVISIONING_SETTLE_SECONDS = env.int("PROVISIONING_SETTLE_SECONDS", default=360)

# --- the queue (DEC3): early acknowledgement, ids only, nothing kept as result ---

JOB_LEASE_SECONDS = env.int("PORTAL_JOB_LEASE_SECONDS", default=120)
JOB_BACKOFF_SECONDS = env.list("PORTAL_JOB_BACKOFF_SECONDS", cast=int, default=[5, 30, 120, 600])
JOB_PATIENCE_SECONDS = env.int("PORTAL_JOB_PATIENCE_SECONDS", default=60)
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SOFT_TIME_LIMIT = env.int("PORTAL_JOB_SOFT_SECONDS", default=3300)
CELERY_TASK_TIME_LIMIT = env.int("PORTAL_JOB_HARD_SECONDS", default=3500)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT = "portal.core.jobs.transport:GuardedTransport"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 30,
    # Who publishes tries twice and leaves the rest to the relay; a request waits for nobody.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
    "connect_retries_timeout": 2,
}

# --- being watched ---

DUE_ALARM_SECONDS = env.int("PORTAL_DUE_ALARM_SECONDS", default=300)
METRICS_TOKEN = env.str("PORTAL_METRICS_TOKEN", default="")  # without one there is no /metrics/

# --- API ---

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.web.api.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["portal.web.api.permissions.HasCapability"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.web.api.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "portal.web.api.pagination.CursorPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.web.api.failures.api_failure",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tenantry",
    "DESCRIPTION": "Tenants, organizations, links and billing of one reseller.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["portal.web.api.permissions.IsActor"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "AlertStateEnum": "organizations.alert.models.Condition.State",
        "DeliveryStateEnum": "portal.notify.models.Delivery.State",
        "FirstPasswordStateEnum": "organizations.passwords.models.FirstPassword.State",
        "WebhookStateEnum": "portal.notify.models.Webhook.State",
        "OrganizationKindEnum": "organizations.directory.models.Organization.Kind",
        "IgnoredKindEnum": "organizations.ignoring.models.IgnoredTenant.Kind",
        "FieldKindEnum": "organizations.fields.models.Kind",
        "ProvisioningStateEnum": "organizations.provisioning.models.ProvisioningRequest.State",
        "ProvisioningOutcomeEnum": "organizations.provisioning.models.ProvisioningRequest.Outcome",
        "ProvisioningStepStateEnum": "organizations.provisioning.models.ProvisioningStep.State",
        "FileKindEnum": "organizations.files.models.UploadedFile.Kind",
    },
    # It would describe the API for nobody, which the rows refuse; a test describes it for somebody.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

# --- errors: what Django's pages and mails tell of them (DEC14) ---

DEFAULT_EXCEPTION_REPORTER = "portal.core.reporting.SecretsReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "portal.core.reporting.SecretsFilter"

# --- logs: one JSON object a line, the request's id on each (DEC14) ---

LOGGING_CONFIG = "portal.core.logs.configure"
LOGGING = {"level": env.str("PORTAL_LOG_LEVEL", default="INFO"), "plain": not PRODUCTION}
