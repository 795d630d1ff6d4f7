"""Holds a reply's JSON against the output shape that botocore has for its operation."""

import numbers


def problems(shape, value, beyond=()):
    """What is wrong with the value, one sentence each.

    `beyond` are values that AWS sends although the enums of the model do not have them.
    """
    return list(_problems(shape, value, "reply", beyond))


def _problems(shape, value, where, beyond):
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            yield f"{where} is not an object: {value!r}"
            return
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"{where}.{name} is required and missing"
        for name, member in value.items():
            if name not in shape.members:
                yield f"{where}.{name} is not in the model"
            elif member is None:
                yield f"{where}.{name} is null"
            else:
                yield from _problems(shape.members[name], member, f"{where}.{name}", beyond)
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{where} is not a list: {value!r}"
            return
        for number, element in enumerate(value):
            yield from _problems(shape.member, element, f"{where}[{number}]", beyond)
    elif kind == "map":
        if not isinstance(value, dict):
            yield f"{where} is not a map: {value!r}"
            return
        for name, element in value.items():
            yield from _problems(shape.value, element, f"{where}.{name}", beyond)
    elif not _is_a(kind, value):
        yield f"{where} is not a {kind}: {value!r}"
    elif kind == "string" and shape.enum and value not in [*shape.enum, *beyond]:
        yield f"{where} is {value!r}, which is none of {shape.enum}"


def _is_a(kind, value):
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "long"):
        return isinstance(value, int) and not isinstance(value, bool)
    if kind in ("float", "double"):
        return isinstance(value, numbers.Real) and not isinstance(value, bool)
    if kind == "timestamp":
        # On the wire a number; the AWS CLI 2 prints ISO 8601.
        return isinstance(value, (int, float, str)) and not isinstance(value, bool)
    return isinstance(value, str)
