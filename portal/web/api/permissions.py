"""Rights in the API: every action names its capability, or it cannot be called."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from portal.core.access import ALL_CAPABILITIES, Actor

if TYPE_CHECKING:
    from rest_framework.views import APIView  # imports this module through its settings


class IsActor(BasePermission):
    """Somebody who signed in."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return isinstance(request.user, Actor)


class HasCapability(IsActor):
    """Reads ``capabilities = {action: name}`` of the view; an action it lacks is refused."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        action = getattr(view, "action", None)
        if action is None or request.method == "OPTIONS":
            return request.method == "OPTIONS"
        needed = getattr(view, "capabilities", {}).get(action)
        if needed not in ALL_CAPABILITIES:
            return False
        actor: Actor = request.user  # type: ignore[assignment]
        actor.require(needed)
        return True
