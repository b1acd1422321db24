"""What backup and restore refuse, each with a sentence that says what to do."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.core.database.dumping import manifest_of
from tests.environment import BACKUP_PASSWORD, DATABASE, WEB_PASSWORD, database_url

pytestmark = [
    pytest.mark.processes,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("backup_login"),
]


def test_backup_refuses_a_login_that_policies_bind(
    dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_BACKUP_URL", database_url("app_web", WEB_PASSWORD, DATABASE))
    with pytest.raises(CommandError, match="binds app_web, which therefore sees no rows"):
        call_command("backup", str(dump))
    assert list(dump.parent.iterdir()) == []


def test_backup_replaces_no_other_and_is_its_owners_only(dump: Path) -> None:
    call_command("backup", str(dump))
    assert {path.name: path.stat().st_mode & 0o777 for path in dump.parent.iterdir()} == {
        "tenantry.dump": 0o600,
        "tenantry.dump.json": 0o600,
    }
    before = dump.read_bytes()
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(dump))
    assert dump.read_bytes() == before


def test_backup_says_what_is_missing(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setenv("PORTAL_PG_BIN", str(dump.parent))
        with pytest.raises(CommandError, match=r"pg_dump was not found in .* PORTAL_PG_BIN"):
            call_command("backup", str(dump))
    with monkeypatch.context() as without:
        without.delenv("DATABASE_BACKUP_URL")
        with pytest.raises(CommandError, match="Set DATABASE_BACKUP_URL"):
            call_command("backup", str(dump))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", str(dump.parent / "nowhere" / dump.name))


def test_an_address_that_is_none_is_refused_without_repeating_it(
    dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_BACKUP_URL", "app_backup:SECRET-CANARY@db/tenantry")
    with pytest.raises(CommandError, match="not of the form postgresql://") as refused:
        call_command("backup", str(dump))
    assert "CANARY" not in str(refused.value)


def test_no_password_is_on_a_command_line(dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address comes from a file here, and a stand-in writes down what pg_dump is told."""
    folder = dump.parent / "programs"
    folder.mkdir()
    told = dump.parent / "told"
    stand_in = folder / "pg_dump"
    stand_in.write_text(f'#!/bin/sh\necho "$@" > {told}; echo "$PGPASSWORD" >> {told}; exit 3\n')
    stand_in.chmod(0o755)
    address = dump.parent / "address"
    address.write_text(f"{database_url('app_backup', BACKUP_PASSWORD, DATABASE)}\n")
    monkeypatch.setenv("PORTAL_PG_BIN", str(folder))
    monkeypatch.setenv("DATABASE_BACKUP_URL_FILE", str(address))
    monkeypatch.delenv("DATABASE_BACKUP_URL")
    with pytest.raises(CommandError, match="pg_dump failed"):
        call_command("backup", str(dump))
    arguments, password = told.read_text().splitlines()
    assert "user=app_backup" in arguments and "--snapshot=" in arguments
    assert (password, BACKUP_PASSWORD in arguments) == (BACKUP_PASSWORD, False)
    assert not dump.exists()


def test_restore_refuses_a_database_that_holds_something(dump: Path) -> None:
    call_command("backup", str(dump))
    with pytest.raises(CommandError, match=f"Database {DATABASE} is not empty"):
        call_command("restore", str(dump), "--database", DATABASE)


@pytest.mark.parametrize("damage", ["no manifest", "another dump", "no json", "another format"])
def test_restore_refuses_a_dump_that_is_not_whole(dump: Path, damage: str) -> None:
    call_command("backup", str(dump))
    manifest = manifest_of(dump)
    if damage == "no manifest":
        manifest.unlink()
    elif damage == "another dump":
        dump.write_bytes(dump.read_bytes()[:-1])
    else:
        manifest.write_text("{" if damage == "no json" else '{"format": 2}')
    with pytest.raises(CommandError, match=str(dump)):
        call_command("restore", str(dump), "--database", f"{DATABASE}_never_made")
