"""The AWS Query protocol by botocore's own description of RDS: forms in, XML out.

What the description does not know is refused, and what it does not name cannot be answered.
"""

from __future__ import annotations

import datetime
import functools
import typing as t
import uuid
import xml.etree.ElementTree as ET

import botocore.loaders
import botocore.model

from tests.emulators.rds.errors import RdsError, invalid

VERSION = "2014-10-31"
NAMESPACE = "http://rds.amazonaws.com/doc/2014-10-31/"
TRUTHS: t.Final = {"true": True, "false": False}
Parameters = dict[str, t.Any]


@functools.cache
def description() -> botocore.model.ServiceModel:
    """RDS, as botocore's release describes it."""
    return botocore.model.ServiceModel(botocore.loaders.create_loader().load_service_model("rds", "service-2"), "rds")


def operation(name: str, version: str) -> botocore.model.OperationModel:
    if version != VERSION or name not in description().operation_names:
        raise RdsError("InvalidAction", f"Could not find operation {name} for version {version}")
    return description().operation_model(name)


# --- in ---


def read(model: botocore.model.OperationModel, form: t.Mapping[str, str]) -> Parameters:
    """The parameters of a request, as the types that the description gives them."""
    left = {name: value for name, value in form.items() if name not in ("Action", "Version")}
    found = _structure(model.input_shape, "", left)
    if left:
        raise RdsError("InvalidQueryParameter", f"The request has a parameter that {model.name} has not: {min(left)}")
    return found


def _structure(shape: t.Any, prefix: str, left: dict[str, str]) -> Parameters:
    found = {}
    for name, member in shape.members.items():
        value = _value(member, prefix + member.serialization.get("name", name), left)
        if value is not None:
            found[name] = value
    for name in shape.required_members:
        if name not in found:
            raise RdsError("MissingParameter", f"The request must contain the parameter {prefix}{name}.")
    return found


def _value(shape: t.Any, name: str, left: dict[str, str]) -> t.Any:
    """What the form says under this name; None when it says nothing. What was read is taken out of the form."""
    if shape.type_name == "list":
        return _list(shape, name, left)
    if shape.type_name == "structure":
        return _structure(shape, f"{name}.", left) if any(key.startswith(f"{name}.") for key in left) else None
    text = left.pop(name, None)
    return None if text is None else _scalar(shape, name, text)


def _list(shape: t.Any, name: str, left: dict[str, str]) -> list[t.Any] | None:
    """An empty one is written as the name alone."""
    own = shape.member.serialization.get("name", "member")
    if left.pop(name, None) == "":
        return []
    found: list[t.Any] = []
    for prefix in (f"{name}.{own}", f"{name}.member"):
        while any(key == f"{prefix}.{len(found) + 1}" or key.startswith(f"{prefix}.{len(found) + 1}.") for key in left):
            found.append(_value(shape.member, f"{prefix}.{len(found) + 1}", left))
    return found or None


def _scalar(shape: t.Any, name: str, text: str) -> t.Any:
    try:
        if shape.type_name == "boolean":
            return TRUTHS[text.lower()]
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name == "timestamp":
            moment = datetime.datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    except (KeyError, ValueError) as exc:
        raise invalid(f"Invalid value {text} for {name}: it has to be a {shape.type_name}.") from exc
    if shape.enum and text not in shape.enum:
        raise invalid(f"Invalid value {text} for {name}. Valid values are: {', '.join(shape.enum)}")
    return text


# --- out ---


def written(model: botocore.model.OperationModel, answer: Parameters) -> bytes:
    """The XML of an answer. Whatever is in it has to be in the description."""
    root = ET.Element(f"{model.name}Response", xmlns=NAMESPACE)
    if model.output_shape is not None:
        inner = ET.SubElement(root, model.output_shape.serialization["resultWrapper"])
        _write_members(inner, model.output_shape, answer)
    metadata = ET.SubElement(root, "ResponseMetadata")
    ET.SubElement(metadata, "RequestId").text = str(uuid.uuid4())
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def refusal(error: RdsError) -> bytes:
    root = ET.Element("ErrorResponse", xmlns=NAMESPACE)
    inner = ET.SubElement(root, "Error")
    rows = {"Type": "Sender" if error.status < 500 else "Receiver", "Code": error.code, "Message": error.message}
    for name, text in rows.items():
        ET.SubElement(inner, name).text = text
    ET.SubElement(root, "RequestId").text = str(uuid.uuid4())
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _write_members(parent: ET.Element, shape: t.Any, values: Parameters) -> None:
    for name, value in values.items():
        if value is not None:
            member = shape.members[name]
            _write(parent, member.serialization.get("name", name), member, value)


def _write(parent: ET.Element, name: str, shape: t.Any, value: t.Any) -> None:
    inner = ET.SubElement(parent, name)
    if shape.type_name == "structure":
        _write_members(inner, shape, value)
    elif shape.type_name == "list":
        for one in value:
            _write(inner, shape.member.serialization.get("name", "member"), shape.member, one)
    else:
        inner.text = _text(value)


def _text(value: t.Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value)
