"""What every test would otherwise do again: finding assets, compiling, counting what is in use.

None of it is what a test is about, and none of it differs from one test to the next.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.core.signals import setting_changed
from django.test.client import ClientHandler


@contextmanager
def one_chain_of_middleware() -> Iterator[None]:
    """Let all test clients share one chain, as all requests to a server do.

    Every client would make its own, and WhiteNoise then looks for all assets on the disk, which
    takes as long as most answers. A changed setting may change the chain: it is made anew.
    """
    kept: dict[str, Any] = {}

    def load(handler: BaseHandler, is_async: bool = False) -> None:
        if not kept:
            before = set(vars(handler))
            BaseHandler.load_middleware(handler, is_async=is_async)
            kept.update({name: vars(handler)[name] for name in {*vars(handler)} - before})
        vars(handler).update(kept)

    def forget(**_about: object) -> None:
        kept.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", load)
        yield
    setting_changed.disconnect(forget)


@contextmanager
def collected_without_looking_for_waste() -> Iterator[None]:
    """Look for no unused objects while tests are collected, and never among what that made.

    Half a million objects live until the run ends; looking through them is a 20th of the run.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
