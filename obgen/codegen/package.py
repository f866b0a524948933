"""What is generated for one outbound message: the contract, with a Python name for everything."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from obgen.codegen import naming
from obgen.codegen.contract import Contract
from obgen.codegen.fragments import ApiName, Literal, PythonName, TypeName
from obgen.codegen.settings import Numbers, Options

_LINE: Final = 88
_TYPES: Final = {
    "ID": "str",
    "anyType": "str",
    "base64Binary": "bytes",
    "boolean": "bool",
    "date": "datetime.date",
    "dateTime": "datetime.datetime",
    "double": "float",
    "int": "int",
    "string": "str",
    "time": "datetime.time",
}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be written.

    Attributes:
        path: Below the output directory.
        text: All of it, with LF line ends.
        yours: Whether it is written once and then belongs to the person.
    """

    path: PurePosixPath
    text: str
    yours: bool = False


@dataclass(frozen=True, slots=True)
class PackageField:
    """One field, as templates see it.

    Attributes:
        api_name: What Salesforce calls it.
        python_name: What Python calls it.
        xsd_type: Its type on the wire.
        python_type: Its type in Python, without `| None`.
    """

    api_name: ApiName
    python_name: PythonName
    xsd_type: ApiName
    python_type: TypeName

    @property
    def required(self) -> bool:
        """Return whether every record has it: only the Id."""
        return self.api_name == "Id"

    @property
    def key(self) -> Literal:
        """Return the Python name as a literal."""
        return Literal(self.python_name)

    @property
    def wire_name(self) -> Literal:
        """Return the API name as a literal."""
        return Literal(self.api_name)

    @property
    def wire_type(self) -> Literal:
        """Return the type on the wire as a literal."""
        return Literal(self.xsd_type)

    @property
    def fits_documentation(self) -> bool:
        """Return whether its line in the docstring is short enough."""
        return len(f"        {self.python_name}: {self.api_name}") <= _LINE

    @property
    def fits_declaration(self) -> bool:
        """Return whether its declaration is short enough for one line."""
        return len(f"    {self.python_name}: {self.python_type} | None = None") <= _LINE

    @property
    def fits_wire_table(self) -> bool:
        """Return whether its entry in the wire table is short enough for one line."""
        entry = f"            {self.key}: ({self.wire_name}, {self.wire_type}),"
        return len(entry) <= _LINE


@dataclass(frozen=True, slots=True)
class Package:
    """One outbound message, as templates see it.

    Attributes:
        name: The package's name.
        class_name: The dataclass.
        argument: What a handler calls a record.
        object_type: The API name of the object.
        fields: Id first, then the others in the order of the WSDL.
        decimals: Whether doubles are `decimal.Decimal`.
        digest: The hash of the WSDL's content.
        collisions: The fields that had to take another name.
    """

    name: PythonName
    class_name: PythonName
    argument: PythonName
    object_type: ApiName
    fields: tuple[PackageField, ...]
    decimals: bool
    digest: str
    collisions: tuple[naming.Collision, ...]

    @property
    def object_literal(self) -> Literal:
        """Return the object's API name as a literal."""
        return Literal(self.object_type)

    @property
    def uses_datetime(self) -> bool:
        """Return whether a field has a type of the module `datetime`."""
        return any(field.python_type.startswith("datetime.") for field in self.fields)

    @property
    def uses_decimal(self) -> bool:
        """Return whether a field has the type `decimal.Decimal`."""
        return any(field.python_type.startswith("decimal.") for field in self.fields)

    @property
    def fits_import(self) -> bool:
        """Return whether the import of the class is short enough for one line."""
        return len(f"from .models import {self.class_name}") <= _LINE

    @property
    def fits_all(self) -> bool:
        """Return whether `__all__` is short enough for one line."""
        return len(f'__all__ = ["{self.class_name}"]') <= _LINE

    @property
    def fits_registration(self) -> bool:
        """Return whether the decorator of the handler is short enough for one line."""
        return len(f"@receiver.handles({self.class_name})") <= _LINE

    @property
    def fits_handler(self) -> bool:
        """Return whether the handler's signature is short enough for one line."""
        arguments = f"{self.argument}: {self.class_name}, delivery: obgen.Delivery"
        return len(f"def handle({arguments}) -> None:") <= _LINE

    @property
    def fits_log(self) -> bool:
        """Return whether the handler's log call is short enough for one line."""
        call = f'logger.info("%s %s arrived", delivery.object_type, {self.argument}.id)'
        return len(f"    {call}") <= _LINE


def make_package(contract: Contract, options: Options) -> Package:
    """Return the package of a contract, or raise `ConfigurationError` for an impossible name."""
    decimals = options.numbers is Numbers.DECIMAL
    names, collisions = naming.field_names(
        (field.api_name for field in contract.fields), options.field_names
    )
    fields = tuple(
        PackageField(
            api_name=ApiName(field.api_name),
            python_name=names[field.api_name],
            xsd_type=ApiName(field.xsd_type),
            python_type=python_type(field.xsd_type, decimals=decimals),
        )
        for field in contract.fields
    )
    return Package(
        name=naming.name_package(contract.object_type, options.name),
        class_name=naming.class_name(contract.object_type),
        argument=naming.argument_name(contract.object_type),
        object_type=ApiName(contract.object_type),
        fields=fields,
        decimals=decimals,
        digest=contract.digest,
        collisions=collisions,
    )


def python_type(xsd_type: str, *, decimals: bool) -> TypeName:
    """Return the Python type of a type on the wire, without `| None`."""
    if decimals and xsd_type == "double":
        return TypeName("decimal.Decimal")
    return TypeName(_TYPES[xsd_type])
