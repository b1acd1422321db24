"""The files browsers load: what the lock names, small, complete, and fit for hashed names."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings

from tools.assets import sync

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "portal" / "web" / "static"
APPS = ["portal.web", "django.contrib.staticfiles"]
BUDGET = 120 * 1024
"""Compressed bytes that styles, scripts and icons of a page may take; the font comes on top."""


def page_assets() -> set[str]:
    """Return the static files the head of every page names, and the icons."""
    head = (TEMPLATES / "base_head.html").read_text()
    named = set(re.findall(r"\{% static '([^']+)' %\}", head))
    return named | {"vendor/icons.svg"}


def test_vendored_files_are_those_of_the_lock() -> None:
    assert sync.find_problems() == []


@pytest.fixture
def vendor_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "vendor"
    shutil.copytree(sync.VENDOR, copy)
    monkeypatch.setattr(sync, "VENDOR", copy)
    return copy


def test_check_notices_a_changed_a_missing_and_an_added_file(vendor_copy: Path) -> None:
    (vendor_copy / "htmx.min.js").write_text("alert(1)")
    (vendor_copy / "inter.woff2").unlink()
    (vendor_copy / "more.js").write_text("")
    assert [problem.split(":")[0] for problem in sync.find_problems()] == [
        "htmx.min.js",
        "inter.woff2",
        "more.js",
    ]
    assert sync.main(["--check"]) == 1


def test_check_notices_another_version(vendor_copy: Path) -> None:
    manifest = json.loads((vendor_copy / "vendor.json").read_text())
    manifest["packages"]["htmx.org"]["version"] = "4.0.0"
    (vendor_copy / "vendor.json").write_text(json.dumps(manifest))
    assert any("htmx.org" in problem for problem in sync.find_problems())


def test_every_vendored_package_has_its_licence() -> None:
    manifest = json.loads((sync.VENDOR / "vendor.json").read_text())
    for package in manifest["packages"]:
        text = (sync.VENDOR / sync.licence_path(package)).read_text()
        assert len(text) > 300


def test_the_lock_names_no_address() -> None:
    assert "://" not in (ROOT / "tools" / "assets" / "package-lock.json").read_text()


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "vendor" / "icons.svg").read_text()))
    used: set[str] = set()
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text()
        used.update(re.findall(r'\{% icon "([^"]+)"', text))
        used.update(re.findall(r'icon_name="([^"]+)"', text))
        used.update(re.findall(r'\{% nav_item "[^"]+" "[^"]+" "([^"]+)"', text))
    assert used - sprite == set()
    assert "building" in used


def test_page_assets_are_within_budget() -> None:
    sizes = {}
    for name in page_assets() - {"vendor/inter.woff2"}:
        path = finders.find(name)
        assert path is not None, f"{name} does not exist"
        sizes[name] = len(brotli.compress(Path(path).read_bytes(), quality=9))
    assert sum(sizes.values()) < BUDGET, sizes


def test_own_scripts_and_styles_are_all_loaded() -> None:
    own = {f"app/{path.name}" for path in (STATIC / "app").iterdir()}
    assert own - page_assets() == set()


def test_no_script_evaluates_text() -> None:
    for path in (STATIC / "app").glob("*.js"):
        assert not re.search(r"\beval\(|new Function|setTimeout\(['\"]", path.read_text()), path


def test_files_can_be_collected_under_hashed_names(tmp_path: Path) -> None:
    storages = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages, INSTALLED_APPS=APPS):
        call_command("collectstatic", interactive=False, verbosity=0)
    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    theme = (tmp_path / paths["app/theme.css"]).read_text()
    assert Path(paths["vendor/inter.woff2"]).name in theme
    digest = hashlib.md5((STATIC / "app" / "dialog.js").read_bytes()).hexdigest()
    assert digest[:12] in paths["app/dialog.js"]
