"""Bring the front-end files we serve from npm into the tree, or prove that they are unchanged.

Run without arguments it installs the exact versions of package-lock.json into a temporary folder,
copies the few files below, and builds the icon sprite. The results are committed, so that neither a
build nor an installation of the portal needs Node or a registry; ``--check`` therefore works from
hashes alone and touches no network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parents[1] / "portal" / "web" / "static" / "vendor"
MANIFEST = "vendor.json"
SPRITE = "icons.svg"
ICON_PACKAGE = "@tabler/icons"

# Manifest static files storage refuses a file that names a source map it cannot find.
SOURCE_MAP = re.compile(rb"\s*(?:/\*|//)[#@]\s*sourceMappingURL=[^\s*]+\s*(?:\*/)?\s*$")
SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
EMPTY_BOX = re.compile(r'<path[^>]*d="M0 0h24v24H0z"[^>]*/>')
BETWEEN_TAGS = re.compile(r">\s+<")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file to copy: where it is inside its npm package, and its name in our vendor folder."""

    package: str
    source: str
    target: str


ASSETS = (
    Asset("@tabler/core", "dist/css/tabler.min.css", "tabler.min.css"),
    Asset("htmx.org", "dist/htmx.min.js", "htmx.min.js"),
    Asset("@fontsource-variable/inter", "files/inter-latin-wght-normal.woff2", "inter.woff2"),
)

# The package's own licence file, or, where npm leaves it out, the text kept beside this script.
LICENCES: dict[str, Path | str] = {
    "@tabler/core": HERE / "licences" / "tabler-core.txt",
    "htmx.org": "LICENSE",
    "@fontsource-variable/inter": "LICENSE",
    ICON_PACKAGE: "LICENSE",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--check", action="store_true", help="verify the committed files without network"
    )
    if parser.parse_args(arguments).check:
        problems = find_problems()
        for problem in problems:
            sys.stderr.write(f"{problem}\n")
        return 1 if problems else 0
    sync()
    return 0


def sync() -> None:
    """Rebuild the vendor folder from the locked npm packages."""
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder))
        modules = Path(folder) / "node_modules"
        shutil.rmtree(VENDOR, ignore_errors=True)
        (VENDOR / "licences").mkdir(parents=True)
        for asset in ASSETS:
            content = (modules / asset.package / asset.source).read_bytes()
            (VENDOR / asset.target).write_bytes(SOURCE_MAP.sub(b"\n", content))
        (VENDOR / SPRITE).write_text(build_sprite(modules / ICON_PACKAGE / "icons" / "outline"))
        for package, licence in LICENCES.items():
            text = licence if isinstance(licence, Path) else modules / package / licence
            shutil.copyfile(text, VENDOR / licence_path(package))
        manifest = {
            "packages": {
                package: describe_package(modules / package) for package in sorted(LICENCES)
            },
            "files": hash_files(),
        }
    (VENDOR / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")


def install(folder: Path) -> None:
    """Install the locked packages into `folder` without running any of their scripts."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, folder / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True)


def describe_package(folder: Path) -> dict[str, str]:
    """Return version and licence as the installed package states them."""
    stated = json.loads((folder / "package.json").read_text())
    return {"version": stated["version"], "licence": stated["license"]}


def licence_path(package: str) -> str:
    """Name the licence text of `package` inside the vendor folder."""
    return f"licences/{package.lstrip('@').replace('/', '-').replace('.', '-')}.txt"


def wanted_icons() -> list[str]:
    """Read the names of the icons the portal uses."""
    return (HERE / "icons.txt").read_text().split()


def build_sprite(outlines: Path) -> str:
    """Join the wanted icons into one SVG file of symbols, coloured and sized by the page."""
    symbols = [
        build_symbol(name, (outlines / f"{name}.svg").read_text()) for name in wanted_icons()
    ]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def build_symbol(name: str, svg: str) -> str:
    """Turn one icon file into a symbol; its stroke width is left to the style sheet."""
    found = SVG_BODY.search(svg)
    if found is None:
        raise ValueError(f"icon {name} is not an SVG file")
    body = BETWEEN_TAGS.sub("><", EMPTY_BOX.sub("", found[1]).strip()).replace(" />", "/>")
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
    )


def hash_files() -> dict[str, str]:
    """Return the SHA-256 of every vendored file but the manifest itself, by path."""
    return {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(VENDOR.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def find_problems() -> list[str]:
    """List in words everything that keeps the committed files from being what the lock names."""
    manifest = json.loads((VENDOR / MANIFEST).read_text())
    problems = [*compare_hashes(manifest["files"]), *compare_versions(manifest["packages"])]
    symbols = re.findall(r'<symbol id="([^"]+)"', (VENDOR / SPRITE).read_text())
    if symbols != wanted_icons():
        problems.append(f"{SPRITE} does not hold exactly the icons of icons.txt: run sync.py")
    return problems


def compare_hashes(recorded: dict[str, str]) -> list[str]:
    """Compare the files on disk with the manifest, both ways."""
    actual = hash_files()
    return [
        f"{name}: {'missing' if name not in actual else 'not the recorded file'}: run sync.py"
        for name in sorted(recorded.keys() | actual.keys())
        if recorded.get(name) != actual.get(name)
    ]


def compare_versions(recorded: dict[str, dict[str, str]]) -> list[str]:
    """Compare manifest, package.json and lock; a lock entry must carry a hash and no address."""
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    locked = json.loads((HERE / "package-lock.json").read_text())["packages"]
    problems = [] if pinned.keys() == recorded.keys() else ["package.json and vendor.json differ"]
    for package, version in pinned.items():
        entry = locked.get(f"node_modules/{package}", {})
        if not version == entry.get("version") == recorded.get(package, {}).get("version"):
            problems.append(f"{package}: package.json, lock and vendor.json name other versions")
    for path, entry in locked.items():
        if path and "integrity" not in entry:
            problems.append(f"package-lock.json: {path} has no integrity hash")
        if entry.keys() & {"resolved", "funding"}:
            problems.append(f"package-lock.json: {path} names an address: strip it")
    return problems


if __name__ == "__main__":
    sys.exit(main())
