"""The comparison that finds a place in an ordered list, and what it must know about a field.

``(name, key) > (…, …)`` is one condition to PostgreSQL, which it answers from an index on both
columns; the same written with OR is a filter over everything before it. Django has no such look-up
for ordinary fields, so it is an expression here.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler


class RowComparison(Func):
    """``(columns) > (values)``, or ``<`` when ``below``."""

    output_field = BooleanField()

    def __init__(self, *expressions: Any, below: bool = False, **extra: Any) -> None:
        super().__init__(*expressions, **extra)
        self.below = below

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **_options: Any
    ) -> tuple[str, tuple[Any, ...]]:
        """Write both sides; the expressions are the columns followed by as many values."""
        written: list[str] = []
        parameters: tuple[Any, ...] = ()
        for expression in self.get_source_expressions():
            text, own = compiler.compile(expression)
            written.append(text)
            parameters += tuple(own)
        half = len(written) // 2
        left, right = ", ".join(written[:half]), ", ".join(written[half:])
        return f"({left}) {'<' if self.below else '>'} ({right})", parameters


def row_after(names: Sequence[str], values: Sequence[Any], *, below: bool) -> RowComparison:
    """Return the condition that a row lies beyond the one with these values."""
    columns = [F(name) for name in names]
    return RowComparison(*columns, *(Value(value) for value in values), below=below)


def field_of(queryset: QuerySet[Any], path: str) -> "Field[Any, Any]":
    """Return the field behind an annotation or a path such as ``account__organization__name``."""
    annotation = queryset.query.annotations.get(path)
    if annotation is not None:
        found: Field[Any, Any] = annotation.output_field
        return found
    return _steps(queryset.model, path)[-1]


def is_nullable(queryset: QuerySet[Any], path: str) -> bool:
    """Tell whether rows may have no value there: an empty column or a missing relation."""
    if path in queryset.query.annotations:
        return True
    return any(field.null for field in _steps(queryset.model, path))


def value_of(row: Any, path: str) -> Any:
    """Return a row's value at a path; None where a relation on the way is missing."""
    if hasattr(row, path):
        return getattr(row, path)
    value = row
    for name in path.split("__"):
        value = getattr(value, name, None)
    return value


def _steps(model: type[Model], path: str) -> list["Field[Any, Any]"]:
    """Return every field on a path of forward relations.

    Raises:
        FieldDoesNotExist: the path leads nowhere, or through a relation with many rows.
    """
    fields: list[Field[Any, Any]] = []
    current: type[Model] | None = model
    for name in path.split("__"):
        if current is None:
            raise FieldDoesNotExist(f"{model.__name__} has no {path}.")
        field = current._meta.pk if name == "pk" else current._meta.get_field(name)
        if not isinstance(field, Field):
            raise FieldDoesNotExist(f"{model.__name__}.{path} is not a column of the row.")
        fields.append(field)
        related = field.related_model
        current = related if isinstance(related, type) else None
    return fields
