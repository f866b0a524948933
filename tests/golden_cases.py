"""The WSDLs whose generated packages stand in `tests/golden`, and the settings for each.

`python tests/update_golden.py` writes that directory again; look at the difference before you
commit it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from wsdl_builder import EVERY_TYPE, FIVE_FIELDS, build_wsdl

from obgen.codegen.generate import plan_generation
from obgen.codegen.publish import write_plan
from obgen.codegen.settings import FieldNames, Message, Numbers, Options, Settings

GOLDEN: Final = Path(__file__).parent / "golden"

_CLASHES: Final[Mapping[str, str]] = {
    "Foo_Bar": "string",
    "FooBar": "string",
    "fooBar": "double",
    "foo_bar": "date",
    "foo_bar_2": "boolean",
    "ID": "string",
    "class": "string",
    "Class_": "string",
    "None": "string",
    "float": "double",
    "datetime": "dateTime",
    "str": "string",
    "match": "string",
    "type": "string",
    "self": "string",
    "MISSING": "string",
    "ClassVar": "string",
    "WireTable": "string",
    "npsp__HHId__c": "ID",
    "OppAmount2YearsAgo": "double",
}
_LONG: Final[Mapping[str, str]] = {
    f"{'Namespace15Chars'[:15]}__{'Quite_Long_Field_Name_Of_Forty_Character'[:40]}__c": "dateTime",
    "A" + "bcDefGhi" * 10: "double",
    "Latitude_Of_The_Place__Latitude__s": "double",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One WSDL and how it is generated."""

    object_type: str
    fields: Mapping[str, str]
    options: Options = field(default_factory=Options)

    @property
    def wsdl(self) -> str:
        """Return the text of the WSDL."""
        return build_wsdl(self.object_type, self.fields)

    def generate(self, output: Path, wsdl: Path) -> None:
        """Write the package below `output`, and the WSDL that it comes from to `wsdl`."""
        wsdl.write_text(self.wsdl, encoding="utf-8")
        settings = Settings((Message(str(wsdl), self.options),), output)
        write_plan(plan_generation(settings).plan)


CASES: Final[Mapping[str, Case]] = {
    "five_fields": Case("Opportunity", FIVE_FIELDS),
    "every_type": Case("Every_Type__c", EVERY_TYPE),
    "decimals": Case("Every_Type__c", EVERY_TYPE, Options(numbers=Numbers.DECIMAL)),
    "only_id": Case("Task", {}),
    "clashes": Case("gwestr__Shipment__c", _CLASHES),
    "api_names": Case("Delivery", _CLASHES, Options(field_names=FieldNames.API)),
    "long_names": Case("Namespace15Char__A_Custom_Object_With_A_Very_Long_Name_Of40__c", _LONG),
    "longest_object": Case("Namespace15Char__" + "Quite_Long_Name_Of_An_Object_" * 3 + "_c", {}),
    "ambiguous": Case(
        "I__c", dict.fromkeys(("l", "L", "O", "I"), "string"), Options(field_names=FieldNames.API)
    ),
    "builtin": Case("Type", {"Type": "string", "l": "string"}),
    "taken_names": Case("Exception__c", FIVE_FIELDS, Options(name="of_mine")),
    "device": Case("Con__c", FIVE_FIELDS),
}
