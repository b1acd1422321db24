"""Texts that want to be more than text, and a reader that says what of a page they became."""

from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser

MARK = "zz9"
N = 9081726354
"""Long enough for no id to hold a sum or product of it by chance."""
PLAIN = f"{MARK} Plain Bakery of Utrecht"
PAYLOADS = (
    f'"><script>{MARK}()</script>',
    f"'><img src=x onerror={MARK}()>",
    f"<svg/onload={MARK}()>",
    f"<iframe src=javascript:{MARK}()>",
    "</title></textarea></style>",
    f"<object data=//{MARK}>",
    f"<embed src=//{MARK}>",
    f"<applet code={MARK}>",
    f"<body onload={MARK}()>",
    f"<details open ontoggle={MARK}()>",
    f"<input autofocus onfocus={MARK}()>",
    f"<video><source onerror={MARK}()>",
    f"<a href=javascript:{MARK}()>x</a>",
    f"<form action=//{MARK}><button>",
    f"<base href=//{MARK}>",
    f"<meta http-equiv=refresh content=0;url=//{MARK}>",
    f"<link rel=stylesheet href=//{MARK}>",
    f"<style>@import '//{MARK}'</style>",
    f"<math><mtext></p><{MARK}>",
    f"<template><script>{MARK}()</script>",
    f"<noscript><p title='</noscript><img src=x onerror={MARK}()>'>",
    f"<!--><script>{MARK}()</script-->",
    f"<![CDATA[<script>{MARK}()</script>]]>",
    f"<scr<script>ipt>{MARK}()</scr</script>ipt>",
    f"<SCRIPT/XSS SRC=//{MARK}></SCRIPT>",
    f"<script\x0b>{MARK}()</script>",
    f'" onmouseover={MARK}() x="',
    f"' onpointerenter='{MARK}()",
    f"` onclick=`{MARK}()`",
    f"x onanimationstart={MARK}() style=animation-name:a",
    f"javascript:{MARK}()//",
    f"JaVaScRiPt:{MARK}()",
    f"java\x0bscript:{MARK}()",
    f"vbscript:{MARK}",
    f"data:text/html,<script>{MARK}()</script>",
    f"//{MARK}/",
    f"{{{{ {N}|add:7 }}}}",
    "{% now 'Y' %}{% debug %}",
    f"${{{N}*7}}",
    f"#{{{N}*7}}",
    f"<%= {N}*7 %>",
    f"[[{N}*7]]",
    f"{{{{constructor.constructor('{MARK}()')()}}}}",
    "{#Accounts.Email#}",
    "%(name)s %s {0} {name.__class__}",
    f"hx-on:load={MARK}() hx-get=//{MARK}",
    f'" hx-get="//{MARK}" hx-trigger="load',
    f"&lt;script&gt;{MARK}()&lt;/script&gt;",
    f"&#x3c;b {MARK}&#x3e;",
    "\u202egnp.exe\u202c",
    "\u200f\u2066 א",
    "\ufeff\u00ad\u2028\u2029",
    "\U000e0041\u0301\u0301\u0301",
    f"'; DROP TABLE {MARK}; --",
    f"../../{MARK}%00",
    f"\\x3cscript\\x3e{MARK}()",
    f'"}}]}};{MARK}()//',
    f'=HYPERLINK("//{MARK}")',
    f"+cmd|' /C {MARK}'!A0",
    f"@SUM({MARK})",
    f"-2+3+cmd|' /C {MARK}'!A0",
)
"""What people have tried, one thing each. Those for spreadsheets come last."""
FORMULAS = 4


def _packed(payloads: tuple[str, ...], room: int) -> Iterator[str]:
    """Put as many payloads into one text as it has room for."""
    text = ""
    for payload in payloads:
        if text and len(text) + len(payload) + 1 > room:
            yield text
            text = ""
        text = f"{text} {payload}".strip(" ")
    yield text


HOSTILE = (*_packed(PAYLOADS[:-FORMULAS], 120), *PAYLOADS[-FORMULAS:])
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


@lru_cache(maxsize=4)
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
