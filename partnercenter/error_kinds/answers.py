"""Answers that came, and that we do not believe."""

from typing import Any

from partnercenter.error_kinds.base import PartnerCenterError


class AnswerRefused(PartnerCenterError):
    advice = "Partner Center's answer could not be trusted and was not used. Tell support."


class MalformedAnswer(AnswerRefused):
    pass


class TornAnswer(MalformedAnswer):
    transient = True
    advice = "Partner Center's answer arrived incomplete. It is asked for again."


class GatewayPage(MalformedAnswer):
    transient = True
    advice = (
        "Something between us and Partner Center answered in its place. Check proxies if it lasts."
    )


class AnswerTooLarge(AnswerRefused):
    pass


class RedirectRefused(AnswerRefused):
    advice = "Partner Center's address answered with a redirect. Check the connection's addresses."


class LinkRefused(AnswerRefused):
    pass


class MixedUpAnswer(AnswerRefused):
    transient = True
    advice = "An answer belonged to another question and was not used. It is asked for again."


class PagingError(AnswerRefused):
    """A listing that cannot be trusted as whole; ``page`` counts from 1."""

    transient = True
    advice = "Partner Center's list changed or broke while it was read. It is read again."

    def __init__(self, message: str, *, page: int = 0, **facts: Any) -> None:
        super().__init__(f"{message} (page {page})" if page else message, **facts)
        self.page = page
