"""How the API describes its exports."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from portal.web.exports import AS, CONTENT_TYPES, CSV, XLSX

AS_PARAMETER: Final = OpenApiParameter(
    AS, OpenApiTypes.STR, enum=list(CONTENT_TYPES), description="What it is written as."
)
EXPORTED: Final[dict[Any, Any]] = {
    (200, CONTENT_TYPES[CSV].partition(";")[0]): OpenApiTypes.STR,
    (200, CONTENT_TYPES[XLSX]): OpenApiTypes.BINARY,
}
