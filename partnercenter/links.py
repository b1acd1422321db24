"""Judging links in answers.

Links are mostly relative and without the version (``/customers?...``), now and then with it, and in
invoices their ids carry a kind in front. No link is ever followed: the next request is built here.
But one that leads elsewhere is a sign that the answer is not what it should be, so it is refused.
"""

from urllib.parse import unquote, urlsplit

from partnercenter.errors import LinkRefused
from partnercenter.schemas.invoices import bare_invoice_id

_VERSIONS = frozenset({"v1", "v1.0", "1.0"})


def check_link(uri: object, *, base: str, allowed: tuple[str, ...], page: int) -> None:
    """Refuse a link to another host than ``base`` or another resource than the ``allowed`` paths.

    Raises: LinkRefused.
    """
    path = _path_of(uri, base=base)
    if path is None or path not in {_comparable(known) for known in allowed}:
        raise LinkRefused(f"The link to the page after page {page} leads to another place.")


def _path_of(uri: object, *, base: str) -> tuple[str, ...] | None:
    """Return the comparable path of a link, None when it leaves the host or is not clean."""
    if not isinstance(uri, str):
        return None
    origin = "{0.scheme}://{0.netloc}/".format(urlsplit(base))
    # Compared with its slash, so that a longer host name does not pass as ours.
    relative = "/" + uri[len(origin) :] if uri.startswith(origin) else uri
    path = relative.partition("?")[0].partition("#")[0]
    if not path.startswith("/") or path.startswith("//"):
        return None
    return _comparable(path)


def _comparable(path: str) -> tuple[str, ...]:
    segments = [unquote(segment).lower() for segment in path.strip("/").split("/")]
    if segments[0] in _VERSIONS:
        segments = segments[1:]
    return tuple(bare_invoice_id(segment) for segment in segments)
