"""The demo's choices and the environment it hands to its programs."""

import base64
import json
import socket
import stat
import subprocess
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.demo.environment import (
    DemoSettings,
    SimulatedCloud,
    portal_environment,
    preparation_environment,
    read_settings,
    runtime_url,
    write_environment_file,
)
from portal.demo.errors import DemoError
from portal.demo.servers.folder import FolderLock
from portal.demo.start import check_world, note_world, refresh_base_url, run_demo, summary

ADMIN_URL = "postgresql://postgres:the-superusers@127.0.0.1:5433/postgres"


def settings_for(state: Path, port: int = 8000) -> DemoSettings:
    return DemoSettings(state=state, port=port, world="small", database_url=None, redis_url=None)


def variables_for(state: Path) -> dict[str, str]:
    return portal_environment(
        settings_for(state),
        admin_url=ADMIN_URL,
        redis_url="redis://:word@127.0.0.1:6380/0",
        clouds=[
            SimulatedCloud(name="simulator", world="small", port=9443, folder=state / "one"),
            SimulatedCloud(name="simulator-2", world="second", port=9444, folder=state / "two"),
        ],
    )


def test_choices_have_the_documented_defaults() -> None:
    settings = read_settings({})
    assert (settings.port, settings.world, settings.state.name) == (8000, "small", ".demo")
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database_url is None
    assert settings.redis_url is None


def test_choices_are_taken_from_the_environment(tmp_path: Path) -> None:
    world = tmp_path / "world"
    world.mkdir()
    settings = read_settings(
        {
            "PORTAL_PORT": "8123",
            "PORTAL_STATE_DIR": str(tmp_path / "state"),
            "PARTNERCENTER_WORLD": str(world),
            "DATABASE_URL": ADMIN_URL,
            "REDIS_URL": "redis://cache/1",
        }
    )
    assert settings == DemoSettings(
        state=tmp_path / "state",
        port=8123,
        world=str(world),
        database_url=ADMIN_URL,
        redis_url="redis://cache/1",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORTAL_PORT", "eighty"),
        ("PORTAL_PORT", "0"),
        ("PORTAL_PORT", "65536"),
        ("PORTAL_PORT", "-1"),
        ("PORTAL_PORT", "８０"),
        ("PORTAL_STATE_DIR", "/tmp/one,two"),
        ("PARTNERCENTER_WORLD", "/nowhere/at/all"),
        ("DATABASE_URL", "tenantry"),
        ("REDIS_URL", "localhost:6379"),
    ],
)
def test_bad_choice_is_named(name: str, text: str) -> None:
    with pytest.raises(DemoError, match=name):
        read_settings({name: text})


def test_secrets_are_private_kept_and_different_per_state(tmp_path: Path) -> None:
    one, other = variables_for(tmp_path / "one"), variables_for(tmp_path / "other")
    assert variables_for(tmp_path / "one") == one
    for name in ("PORTAL_SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_AUDIT_KEY", "DATABASE_URL"):
        assert one[name] != other[name]
    files = list((tmp_path / "one" / "secrets").iterdir())
    assert len(files) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "one" / "secrets").stat().st_mode) == 0o700
    key_id, _, key = one["PORTAL_ENCRYPTION_KEYS"].partition(":")
    assert key_id
    assert len(base64.b64decode(key, validate=True)) == 32


def test_superusers_address_reaches_only_the_preparation(tmp_path: Path) -> None:
    preparation = preparation_environment({}, tmp_path, admin_url=ADMIN_URL)
    assert preparation["DATABASE_ADMIN_URL"] == ADMIN_URL
    portal = variables_for(tmp_path)
    assert not any("the-superusers" in text for text in portal.values())
    assert urlsplit(portal["DATABASE_URL"]).username == "app_web"
    assert urlsplit(portal["DATABASE_URL"]).password == preparation["PORTAL_DB_WEB_PASSWORD"]
    assert urlsplit(portal["DATABASE_MIGRATE_URL"]).username == "app_migrate"
    assert (
        urlsplit(portal["DATABASE_MIGRATE_URL"]).password
        == preparation["PORTAL_DB_MIGRATE_PASSWORD"]
    )


@pytest.mark.parametrize(
    ("admin_url", "host", "path", "query"),
    [
        (ADMIN_URL, "127.0.0.1:5433", "/tenantry", ""),
        ("postgres://admin@db.example", "db.example", "/tenantry", ""),
        ("postgres://a:b%40c@[::1]:5432/books", "[::1]:5432", "/books", ""),
        (
            "postgresql://a:b@db/postgres?sslmode=require",
            "db",
            "/tenantry",
            "sslmode=require",
        ),
    ],
)
def test_runtime_address_keeps_server_and_options(
    admin_url: str, host: str, path: str, query: str
) -> None:
    parts = urlsplit(runtime_url(admin_url, user="app_web", password="p"))
    assert parts.netloc == f"app_web:p@{host}"
    assert (parts.path, parts.query) == (path, query)


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_login_survives_in_an_address(user: str, password: str) -> None:
    parts = urlsplit(runtime_url(ADMIN_URL, user=user, password=password))
    assert parts.hostname == "127.0.0.1"
    assert parts.port == 5433
    assert unquote(parts.username or "") == user
    assert unquote(parts.password or "") == password


def test_environment_file_is_private_and_means_the_same_to_a_shell(tmp_path: Path) -> None:
    variables = {**variables_for(tmp_path / "state with space"), "ODD": "a $HOME `x` 'y' \"z\" &"}
    path = tmp_path / "env"
    write_environment_file(path, variables)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    shell = subprocess.run(
        ["/bin/sh", "-c", 'set -a; . "$1"; env -0', "sh", str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={},
    )
    seen = dict(entry.partition("=")[::2] for entry in shell.stdout.split("\0") if entry)
    assert {name: seen.get(name) for name in variables} == variables


def test_environment_file_of_plain_values_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "env"
    variables = variables_for(tmp_path)
    write_environment_file(path, variables)
    lines = path.read_text().splitlines()
    assert dict(line.partition("=")[::2] for line in lines) == variables


def test_busy_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        port = occupant.getsockname()[1]
        with (
            (tmp_path / "console").open("w") as console,
            pytest.raises(DemoError, match=rf"Port {port} is in use.*PORTAL_PORT"),
        ):
            run_demo(settings_for(tmp_path / "state", port), console)
    assert {path.name for path in (tmp_path / "state").iterdir()} == {"lock"}


def test_second_demo_in_one_state_folder_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    lock = FolderLock(state / "lock")
    with (
        (tmp_path / "console").open("w") as console,
        pytest.raises(DemoError, match=rf"{state}.*still runs.*PORTAL_STATE_DIR"),
    ):
        run_demo(settings_for(state), console)
    lock.release()


def test_summary_lists_every_persona(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text(
        '{"base_url": "x", "users": [{"persona": "operator", "email": "o@example.com", '
        '"password": "pw-1", "token": "t"}]}'
    )
    text = summary(settings_for(tmp_path, 8123))
    assert "http://127.0.0.1:8123/" in text
    assert "operator  o@example.com  pw-1" in text


def test_clouds_and_their_authorities_are_listed_in_one_order(tmp_path: Path) -> None:
    variables = variables_for(tmp_path)
    assert variables["PARTNERCENTER_SIMULATORS"] == (
        "simulator=https://127.0.0.1:9443,simulator-2=https://127.0.0.1:9444"
    )
    bundles = variables["PARTNERCENTER_CA_BUNDLE"].split(",")
    assert [Path(bundle).parents[1].name for bundle in bundles] == ["one", "two"]


def test_other_world_on_old_data_is_refused(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    check_world(replace(settings, world="large"))
    note_world(settings)
    check_world(settings)
    with pytest.raises(DemoError, match=r"PARTNERCENTER_WORLD=small, now it is large"):
        check_world(replace(settings, world="large"))


def test_changed_port_reaches_the_credentials(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text('{"base_url": "http://127.0.0.1:8000", "users": [{"email": "a@b"}]}')
    refresh_base_url(settings_for(tmp_path, 8123))
    assert json.loads(path.read_text()) == {
        "base_url": "http://127.0.0.1:8123",
        "users": [{"email": "a@b"}],
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
