"""N01: ``check --deploy`` with production settings has nothing to say, the database's protection
included."""

import pytest

from tests.database import administrator
from tests.environment import DATABASE
from tests.secrets.conftest import Figure
from tests.secrets.production import CHECK, WITH_DATABASE, ended, start

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

TABLE = "tenants_connection"


def test_n01_check_deploy_has_no_warning(figure: Figure) -> None:
    process = start([*CHECK, *WITH_DATABASE, "--fail-level", "DEBUG"])
    said = ended(process)
    figure(f"N01: check --deploy in production settings: {said.strip()}")
    assert process.returncode == 0
    assert "System check identified no issues" in said


def test_n01_check_deploy_notices_a_table_without_protection() -> None:
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY")
        try:
            process = start([*CHECK, *WITH_DATABASE])
            said = ended(process)
        finally:
            cursor.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    assert process.returncode != 0
    assert f"{TABLE}: row-level security is not forced" in said
