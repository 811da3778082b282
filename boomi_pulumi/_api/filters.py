"""Boomi's filter language: every operator, nested `and` and `or`.

    from boomi_pulumi import query, where

    where("active").equals(True) & (where("environmentId").equals(a) | where("environmentId").equals(b))

Source: "Query filters" in the Platform API introduction, and each object's QUERY operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from boomi_pulumi._api.errors import FilterError
from boomi_pulumi._api.models import Object

__all__ = ["OPERATORS", "Comparison", "Filter", "Group", "Property", "any_of", "check_filter", "where"]

OPERATORS = (
    "EQUALS",
    "NOT_EQUALS",
    "LIKE",
    "CONTAINS",
    "NOT_CONTAINS",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL",
    "LESS_THAN",
    "LESS_THAN_OR_EQUAL",
    "BETWEEN",
    "IS_NULL",
    "IS_NOT_NULL",
)
"""Boomi's operators of a comparison."""

Value = str | bool | int | float | datetime


class Filter:
    """A condition of a query; combine conditions with `&` and `|`, as in the example above."""

    def __and__(self, other: Filter) -> Group:
        return Group.of("and", self, other)

    def __or__(self, other: Filter) -> Group:
        return Group.of("or", self, other)

    def __bool__(self) -> bool:
        # `a and b` would silently drop a.
        raise FilterError("Combine filters with & and |, not with `and`, `or` and `not`.")

    def expression(self) -> dict[str, Any]:
        """Return the condition as Boomi's JSON expression."""
        raise NotImplementedError

    def comparisons(self) -> Iterator[Comparison]:
        """Return every comparison inside, also of nested groups."""
        raise NotImplementedError

    @classmethod
    def parse(cls, expression: object) -> Filter:
        """Return the condition of Boomi's JSON expression.

        Raises:
            FilterError: The expression is no condition.
        """
        if not isinstance(expression, Mapping) or not isinstance(expression.get("operator"), str):
            raise FilterError(f"{expression!r} is no filter: an object with an operator is needed.")
        operator, members = expression["operator"], expression.get("nestedExpression")
        if isinstance(members, list) and members and operator in {"and", "or"}:
            return Group.of(operator, *(cls.parse(member) for member in members))
        name, arguments = expression.get("property"), expression.get("argument", [])
        if not isinstance(name, str) or not isinstance(arguments, list) or operator not in OPERATORS:
            raise FilterError(
                f"{dict(expression)!r} is no filter: `and` and `or` need a nestedExpression, and "
                f"{', '.join(OPERATORS)} a property and a list of arguments."
            )
        return Comparison(name, operator, tuple(_argument(name, value) for value in arguments))


@dataclass(frozen=True, eq=False)
class Comparison(Filter):
    """A property compared with up to two arguments.

    Attributes:
        property: Boomi's name of the property.
        operator: One of `OPERATORS`.
        arguments: The arguments as Boomi writes them.
    """

    property: str
    operator: str
    arguments: tuple[str, ...] = ()

    __bool__ = Filter.__bool__

    def expression(self) -> dict[str, Any]:
        """Return the comparison as Boomi's SimpleExpression."""
        return {"operator": self.operator, "property": self.property, "argument": list(self.arguments)}

    def comparisons(self) -> Iterator[Comparison]:
        """Return itself."""
        yield self


@dataclass(frozen=True, eq=False)
class Group(Filter):
    """Conditions that must all hold (`and`), or at least one condition of several (`or`)."""

    operator: str
    members: tuple[Filter, ...]

    __bool__ = Filter.__bool__

    @classmethod
    def of(cls, operator: str, *members: Filter) -> Group:
        """Group conditions, folding groups of the same operator into one."""
        flat: list[Filter] = []
        for member in members:
            if isinstance(member, Group) and member.operator == operator:
                flat.extend(member.members)
            else:
                flat.append(member)
        return cls(operator, tuple(flat))

    def expression(self) -> dict[str, Any]:
        """Return the group as Boomi's GroupingExpression."""
        return {"operator": self.operator, "nestedExpression": [each.expression() for each in self.members]}

    def comparisons(self) -> Iterator[Comparison]:
        """Return the comparisons of all members."""
        for member in self.members:
            yield from member.comparisons()


def where(name: str) -> Property:
    """Begin a condition on a property, named as Boomi names it (`componentId`)."""
    return Property(name)


@dataclass(frozen=True)
class Property:
    """A property of an object, to be compared."""

    name: str

    def equals(self, value: Value) -> Comparison:
        """Match an exact value; booleans, numbers and datetimes are written as Boomi writes them."""
        return self._compare("EQUALS", value)

    def not_equals(self, value: Value) -> Comparison:
        """Match everything but a value."""
        return self._compare("NOT_EQUALS", value)

    def like(self, pattern: str) -> Comparison:
        """Match a pattern in which `%` stands for any text."""
        return self._compare("LIKE", pattern)

    def contains(self, text: str) -> Comparison:
        """Match a part of the value."""
        return self._compare("CONTAINS", text)

    def not_contains(self, text: str) -> Comparison:
        """Match values without a part."""
        return self._compare("NOT_CONTAINS", text)

    def greater_than(self, value: Value) -> Comparison:
        """Match larger or later values."""
        return self._compare("GREATER_THAN", value)

    def greater_than_or_equal(self, value: Value) -> Comparison:
        """Match a value and everything larger or later."""
        return self._compare("GREATER_THAN_OR_EQUAL", value)

    def less_than(self, value: Value) -> Comparison:
        """Match smaller or earlier values."""
        return self._compare("LESS_THAN", value)

    def less_than_or_equal(self, value: Value) -> Comparison:
        """Match a value and everything smaller or earlier."""
        return self._compare("LESS_THAN_OR_EQUAL", value)

    def between(self, low: Value, high: Value) -> Comparison:
        """Match values from low to high, both included."""
        return self._compare("BETWEEN", low, high)

    def is_null(self) -> Comparison:
        """Match rows without a value."""
        return self._compare("IS_NULL")

    def is_not_null(self) -> Comparison:
        """Match rows with a value."""
        return self._compare("IS_NOT_NULL")

    def _compare(self, operator: str, *values: Value) -> Comparison:
        return Comparison(self.name, operator, tuple(_argument(self.name, value) for value in values))


def _argument(name: str, value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise FilterError(f"The date for {name} has no time zone; Boomi's dates are UTC.")
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return value
    raise FilterError(f"{name} cannot be compared with {value!r}: a text, number, boolean or datetime is needed.")


def any_of(conditions: Sequence[Filter]) -> Filter:
    """Return what meets one of some conditions, without a group around a single one."""
    return conditions[0] if len(conditions) == 1 else Group.of("or", *conditions)


def check_filter(target: Object[Any], condition: Filter) -> None:
    """Refuse a condition that Boomi would refuse; nothing is sent.

    Raises:
        FilterError: The object has no such property or takes no such operator, or the property needs another property
            beside it.
    """
    names = {comparison.property for comparison in condition.comparisons()}
    unknown = sorted(names - target.queryable) if target.queryable is not None else []
    if unknown:
        raise FilterError(
            f"{target.name} cannot be queried by {', '.join(unknown)}; "
            f"it has {', '.join(sorted(target.queryable or ()))}."
        )
    used = {comparison.operator for comparison in condition.comparisons()}
    refused = sorted(used - target.operators) if target.operators is not None else []
    if refused:
        raise FilterError(
            f"{target.name} cannot be queried with {', '.join(refused)}; "
            f"it takes {', '.join(sorted(target.operators or ()))}."
        )
    for name, companion in target.beside:
        if name in names and companion not in names:
            raise FilterError(f"A {target.name} query by {name} must name {companion} beside it.")
