"""The container files name programs, commands and variables that exist, and bring no secrets.

No container engine is needed: the files are read. What they start is compared with the code.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE = PROJECT / "docker-compose.yml"
DOCKERFILE = PROJECT / "Dockerfile"
QUEUES = {"money", "sync", "invoice", "mail", "default"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def commands(services: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    return {
        name: [str(word) for word in service["command"]]
        for name, service in services.items()
        if "command" in service
    }


def test_every_management_command_exists(services: dict[str, dict[str, Any]]) -> None:
    text = " ".join(" ".join(words) for words in commands(services).values())
    text += DOCKERFILE.read_text()
    named = set(re.findall(r"manage\.py (\w+)", text))
    existing = {path.stem for path in PROJECT.glob("*/**/management/commands/*.py")}
    assert {"prepare_database", "migrate", "relay", "partnercenter_simulator"} <= named
    assert named - {"collectstatic"} <= existing


def test_every_queue_has_exactly_one_kind_of_worker(services: dict[str, dict[str, Any]]) -> None:
    served = [
        queue
        for words in commands(services).values()
        for word in words
        if word.startswith("--queues=")
        for queue in word.removeprefix("--queues=").split(",")
    ]
    assert sorted(served) == sorted(QUEUES)


OF_MAIL = {"EMAIL_URL", "PORTAL_MAIL_API_KEY", "PORTAL_MAIL_API_SECRET", "PORTAL_MAIL_API_URL"}
"""Mail leaves by a server or by a provider, so no single one must be set: the portal itself refuses
to start with neither (N02). Left out they are empty."""


def test_no_secret_has_a_value_or_default(services: dict[str, dict[str, Any]]) -> None:
    secret = re.compile(r"PASSWORD|SECRET|KEY")
    text = COMPOSE.read_text()
    for name, how in re.findall(r"\$\{(\w+)([^}]*)\}", text):
        if secret.search(name):
            assert how == ":-" if name in OF_MAIL else how.startswith(":?"), name
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if name in OF_MAIL:
                assert value == f"${{{name}:-}}", name
            elif secret.search(name) or name.endswith("_URL"):
                assert re.search(r"\$\{\w+:\?", str(value)), name


def test_superusers_password_reaches_only_database_and_migration(
    services: dict[str, dict[str, Any]],
) -> None:
    holders = {
        name
        for name, service in services.items()
        if "POSTGRES_PASSWORD" in str(service.get("environment", {}))
    }
    assert holders == {"postgres", "migrate"}


def test_only_the_demo_profile_has_a_simulator(services: dict[str, dict[str, Any]]) -> None:
    simulating = {
        name for name, words in commands(services).items() if "partnercenter_simulator" in words
    }
    assert simulating == {"simulator"}
    assert services["simulator"]["profiles"] == ["demo"]
    assert [name for name, service in services.items() if service.get("profiles")] == ["simulator"]


def test_broker_never_evicts_and_the_cache_is_another_server(
    services: dict[str, dict[str, Any]],
) -> None:
    assert "--maxmemory-policy noeviction" in services["broker"]["command"][-1]
    assert "--appendonly yes" in services["broker"]["command"][-1]
    environment = services["web"]["environment"]
    assert "@broker:" in environment["REDIS_URL"]
    assert "@cache:" in environment["CACHE_URL"]


def test_portal_containers_have_no_more_rights_than_they_need(
    services: dict[str, dict[str, Any]],
) -> None:
    ours = [service for service in services.values() if service["image"] == "tenantry"]
    assert len(ours) == len(services) - 3
    for service in ours:
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert re.search(r"^USER (?!0|root)\S+", DOCKERFILE.read_text(), re.MULTILINE)


def test_every_dependency_waits_for_something_that_reports(
    services: dict[str, dict[str, Any]],
) -> None:
    for service in services.values():
        for other, wish in service.get("depends_on", {}).items():
            if wish["condition"] == "service_healthy":
                assert "healthcheck" in services[other], other


def test_images_are_plain_names(services: dict[str, dict[str, Any]]) -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE)
    images += [service["image"] for service in services.values()]
    for image in images:
        assert "." not in image.partition("/")[0].partition(":")[0], image


def test_image_leaves_out_everything_not_listed() -> None:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    kept = {rule.removeprefix("!").rstrip("/") for rule in rules if rule.startswith("!")}
    assert not {"tests", ".git", ".demo", ".venv", ".env"} & kept
    for name in kept:
        assert (PROJECT / name).exists(), name


def test_lock_files_pin_hashes_and_name_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT / name).read_text()
        assert "://" not in text
        assert "index-url" not in text
        entries = re.split(r"\n(?=\S)", text.strip())
        assert all("--hash=sha256:" in entry for entry in entries if "==" in entry), name


def test_build_script_runs_on_a_clean_checkout() -> None:
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    for target in re.findall(r'^step ".*" make (\w+)', script.read_text(), re.MULTILINE):
        assert re.search(rf"^{target}:", (PROJECT / "Makefile").read_text(), re.MULTILINE), target
