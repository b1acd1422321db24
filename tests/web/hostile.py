"""Texts that want to be more than text, and a reader that says what of a page they became."""

from collections.abc import Iterator
from html.parser import HTMLParser

MARK = "zz9"
N = 9081726354
"""Long enough for no id to hold a sum or product of it by chance."""
PLAIN = f"{MARK} Plain Bakery of Utrecht"
HOSTILE = (
    f"\"><script>{MARK}()</script>'><img src=x onerror={MARK}()>",
    f"<svg/onload={MARK}()><iframe src=javascript:{MARK}()></title></textarea>",
    f'javascript:{MARK}()//" onmouseover={MARK}() autofocus onfocus={MARK}() x="',
    f"{MARK} {{{{ {N}|add:7 }}}}{{% now 'Y' %}}${{{N}*7}}#{{{N}*7}}<%= {N}*7 %>",
    f'={MARK}+HYPERLINK("//{MARK}")\u202egnp.exe\u202c\u200f\u2066 א \ufeff\u00ad',
    f"--></style><base href=//{MARK}><meta http-equiv=refresh content=0;url=//{MARK}><!--",
    f"&lt;script&gt;{MARK}()&lt;/script&gt;&#x3c;b {MARK}&#x3e;",
)
"""Each at most 120 characters, the room of the shortest name."""
EVALUATED = (str(N + 7), str(N * 7))
FORMULA_STARTS = ("=", "+", "@", "\t", "\r")

EXECUTING = {"script", "iframe", "object", "embed", "base", "applet", "frame", "style"}
ADDRESSES = {
    "action",
    "data",
    "formaction",
    "href",
    "hx-delete",
    "hx-get",
    "hx-patch",
    "hx-post",
    "hx-put",
    "poster",
    "src",
    "srcset",
    "xlink:href",
}
SCHEMES = ("javascript:", "vbscript:", "data:text", "//")
OWN_SCRIPTS = ("/static/", "/api/docs/")

Skeleton = list[tuple[str, tuple[str, ...]]]


class PageReader(HTMLParser):
    """Collects what in a page could run, and its elements with the names of their attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.executable: list[str] = []
        self.skeleton: Skeleton = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skeleton.append((tag, tuple(sorted(name for name, _ in attrs))))
        values = {name: value or "" for name, value in attrs}
        if tag in EXECUTING and not values.get("src", "").startswith(OWN_SCRIPTS):
            self.executable.append(f"<{tag}> {values}")
        if tag == "meta" and "http-equiv" in values:
            self.executable.append(f"<meta> {values}")
        self.executable += [
            f"<{tag} {name}={value!r}>" for name, value in values.items() if _runs(name, value)
        ]

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.executable.append(f"comment {data!r}")


def read_page(page: str) -> PageReader:
    reader = PageReader()
    reader.feed(page)
    reader.close()
    return reader


def too_long_or_broken() -> Iterator[str]:
    """Yield what no field can hold: a NUL, and a hundred thousand letters."""
    yield f"{MARK}\x00"
    yield MARK * 34_000


def _runs(name: str, value: str) -> bool:
    if name.startswith(("on", "hx-on")) or MARK in name or name == "style":
        return True
    bare = "".join(value.split()).lower()
    return name in ADDRESSES and bare.startswith(SCHEMES)
