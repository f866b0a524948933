"""Real WSDLs and messages, found by OBGEN_FIELD_CORPUS: what they hold is what we read.

The expected values are written out here; the files themselves can't be published.
"""

import datetime
import re
import sys
from collections.abc import Iterator
from datetime import UTC
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import obgen
from obgen.cli import main
from obgen.errors import EnvelopeError, Refusal
from obgen.simulate.judge import judge
from obgen.simulate.message import Outgoing, Sender, Sobject, record_sobject, write_message

FIELDS = {
    "Account": 20,
    "DiscountRule__c": 9,
    "DiscountRule__c-reformatted": 9,
    "ObjectToBeRemoved__c": 1,
}


@pytest.fixture
def generated(
    field_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Generate the package of every real WSDL but the reformatted copy, and make it importable."""
    wsdls = sorted(field_corpus.glob("wsdl/*.wsdl"))
    chosen = [str(path) for path in wsdls if "reformatted" not in path.name]
    assert main(["generate", *chosen, "-o", str(tmp_path / "corpus_outbound")]) == 0
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "corpus_outbound"]:
        del sys.modules[name]


def load(package: str, name: str) -> type[Any]:
    found: type[Any] = getattr(import_module(f"corpus_outbound.{package}"), name)
    return found


def only(corpus: Path, pattern: str) -> bytes:
    (path,) = corpus.glob(f"messages/{pattern}")
    return path.read_bytes()


def table(object_type: str, **fields: str) -> type[Any]:
    """Return a record class for an object whose WSDL isn't in the corpus."""
    names = {"id": ("Id", "ID")} | {name: (name, xsd_type) for name, xsd_type in fields.items()}

    class Record:
        __obgen__ = obgen.WireTable(object_type, names)

        def __init__(self, **values: object) -> None:
            self.values = values
            self.id = values["id"]

    return Record


def test_every_wsdl_is_generated(field_corpus: Path, generated: Path) -> None:
    for path in field_corpus.glob("wsdl/*.wsdl"):
        assert path.stem in FIELDS
    discount = load("discount_rule", "DiscountRule")
    assert list(obgen.wire_fields(discount).values())[:3] == [
        ("Id", "ID"),
        ("ContractTerm__c", "string"),
        ("CreatedDate", "dateTime"),
    ]
    assert len(obgen.wire_fields(discount)) == 1 + FIELDS["DiscountRule__c"]
    assert len(obgen.wire_fields(load("account", "Account"))) == 1 + FIELDS["Account"]


def test_reformatting_changes_only_the_hashes_if_anything(
    field_corpus: Path, tmp_path: Path
) -> None:
    texts: list[str] = []
    for name in ("DiscountRule__c", "DiscountRule__c-reformatted"):
        output = tmp_path / name
        assert main(["generate", str(field_corpus / f"wsdl/{name}.wsdl"), "-o", str(output)]) == 0
        text = (output / "discount_rule" / "models.py").read_text()
        texts.append(text[text.index('"""') :])
    assert texts[0] == texts[1]


def test_wsdls_are_compared_with_each_other(
    field_corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for old, new in product(sorted(field_corpus.glob("wsdl/*.wsdl")), repeat=2):
        same = old.stem.partition("-")[0] == new.stem.partition("-")[0]
        assert main(["compare", str(old), str(new)]) == (0 if same else 1)
        printed = capsys.readouterr().out
        assert (printed == "no change\n") is same
        assert max(map(len, printed.splitlines())) <= 80


def test_a_field_is_taken_out_of_a_real_wsdl(
    field_corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = field_corpus / "wsdl/DiscountRule__c.wsdl"
    lines = old.read_text(encoding="utf-8").splitlines()
    new = tmp_path / "new.wsdl"
    shorter = "\r\n".join(line for line in lines if 'name="Price__c"' not in line)
    new.write_text(
        shorter.replace("receiver.example.com/salesforce", "receiver.example.com/s3cret"),
        encoding="utf-8",
        newline="",
    )

    assert main(["compare", str(old), str(new)]) == 1

    printed = capsys.readouterr().out
    assert "breaking  removed   Price__c  price__c: float\n" in printed
    assert "fine      endpoint  -         https://receiver.example.com\n" in printed
    assert printed.endswith("\n2 changes, 1 breaking\n")
    assert "s3cret" not in printed


def test_the_message_of_a_generated_class(field_corpus: Path, generated: Path) -> None:
    discount = load("discount_rule", "DiscountRule")
    message = obgen.decode(only(field_corpus, "DiscountRule*"), discount)
    assert message.organization_id == "00DD0000000muCUMAY"
    assert message.action_id == "04k57000000TOUIAA4"
    assert message.session_id is None
    (notification,) = message.notifications
    assert notification.unknown == {}
    assert notification.sobject == discount(
        id="a025700000OPgOjAAL",
        contract_term__c="24",
        created_date=datetime.datetime(2017, 5, 2, 11, 53, 53, tzinfo=UTC),
        discount__c=0.0,
        is_deleted=False,
        last_modified_date=datetime.datetime(2018, 5, 4, 11, 35, 40, tzinfo=UTC),
        name="244 Months",
        price__c=419.0,
        product__c="01t57000006qVLRAA2",
        type__c="Wholesale",
    )


def test_a_nil_field_is_none_and_present(field_corpus: Path, generated: Path) -> None:
    account = load("account", "Account")
    message = obgen.decode(only(field_corpus, "Account*"), account)
    first, second = message.notifications
    assert first.sobject == account(id="001xx000003DGb2AAG", name="Acme")
    assert second.sobject == account(id="001xx000003DGb3AAG", name=None)
    assert "name" in second.present
    assert set(first.unknown) == {"CreatedDate", "LastModifiedDate"}


def test_a_batch_whose_records_have_different_fields(field_corpus: Path) -> None:
    contact = table("Contact", FirstName="string", Email="string", CreatedDate="dateTime")
    message = obgen.decode(only(field_corpus, "Contact*"), contact)
    assert message.session_id == "REDACTED!session"
    assert "REDACTED" not in repr(message)
    assert [n.sobject and n.sobject.values for n in message.notifications] == [
        {
            "id": "0031I0000081tbPQAQ",
            "FirstName": "First",
            "CreatedDate": datetime.datetime(2017, 12, 11, 21, 49, 24, tzinfo=UTC),
        },
        {
            "id": "0031I0000081tb0QAA",
            "FirstName": "Second",
            "Email": "second@example.com",
            "CreatedDate": datetime.datetime(2017, 12, 11, 21, 44, 55, tzinfo=UTC),
        },
    ]


def test_a_message_on_one_line(field_corpus: Path) -> None:
    opportunity = table("Opportunity", Amount="double", CloseDate="date", StageName="string")
    message = obgen.decode(only(field_corpus, "Opportunity*"), opportunity)
    (notification,) = message.notifications
    assert notification.sobject
    assert notification.sobject.values == {
        "id": "0067F000003pmdWQAQ",
        "Amount": 120000.0,
        "CloseDate": datetime.date(2017, 4, 3),
        "StageName": "Perception Analysis",
    }
    assert notification.unknown == {
        "AccountId": "0017F000007ydJmQAI",
        "LeadSource": "Phone Inquiry",
        "Name": "Express Logistics SLA",
    }


def test_escaped_html_is_unescaped_once(field_corpus: Path) -> None:
    lead = table("Lead", sf4twitter__Follow_Status__c="string", Round_Robin_ID__c="double")
    message = obgen.decode(only(field_corpus, "Lead-html*"), lead)
    (notification,) = message.notifications
    assert notification.sobject
    html = notification.sobject.values["sf4twitter__Follow_Status__c"]
    assert html.startswith('<a href="javascript:window.location=&quot;/apex/')
    assert html.endswith('target="_self">No</a>')
    assert notification.sobject.values["Round_Robin_ID__c"] == 13.0


def test_a_byte_order_mark_and_several_types(field_corpus: Path) -> None:
    body = only(field_corpus, "Lead-multi*")
    receiver = obgen.Receiver(organization_ids=obgen.ANY_ORGANIZATION)
    handled: list[str] = []
    for number in (1, 2, 3):

        @receiver.handles(table(f"Lead{number}", FirstName="string"))
        def handle(record: Any, delivery: obgen.Delivery) -> None:
            handled.append(f"{delivery.object_type} {record.values['FirstName']}")

    assert receiver.receive(body).acknowledged
    assert handled == ["Lead1 First", "Lead2 Benjamin", "Lead3 Nora"]


def test_an_object_about_deleted_objects_is_an_object(field_corpus: Path) -> None:
    deleted = table("Deleted_Object__c", Object_Id__c="string", Object_Type__c="string")
    message = obgen.decode(only(field_corpus, "Deleted*"), deleted)
    (notification,) = message.notifications
    assert notification.sobject
    assert notification.sobject.values["Object_Type__c"] == "Lead"


@pytest.mark.parametrize(
    ("pattern", "package", "name"),
    [("DiscountRule*", "discount_rule", "DiscountRule"), ("Account*", "account", "Account")],
)
def test_a_message_is_written_as_salesforce_wrote_it(
    field_corpus: Path, generated: Path, pattern: str, package: str, name: str
) -> None:
    body, record = only(field_corpus, pattern), load(package, name)
    message = obgen.decode(body, record)
    outgoing: list[Outgoing] = []
    for notification in message.notifications:
        assert notification.sobject is not None
        nil = [n for n in notification.present if getattr(notification.sobject, n) is None]
        sobject = record_sobject(notification.sobject, nil=nil, unknown=notification.unknown)
        outgoing.append(Outgoing(sobject, notification.id))
    sender = Sender(organization_id=message.organization_id, action_id=message.action_id)

    # The files were indented by those who copied them, and come from other instances.
    def lines(body: bytes) -> list[bytes]:
        text = re.sub(rb"Envelope\s+", b"Envelope ", body).replace(b'"\n', b'" ')
        return [b" ".join(line.split()) for line in text.splitlines() if b"Url>" not in line]

    assert lines(write_message(outgoing, sender)) == lines(body)


def test_a_message_is_written_to_the_byte(field_corpus: Path) -> None:
    body = only(field_corpus, "Deleted*")
    fields = {"Id": "a1P7A0000008nuRUAQ", "Object_Id__c": "00Q7A000001DUEsUAO"}
    deleted = Sobject("Deleted_Object__c", fields | {"Object_Type__c": "Lead"})
    sender = Sender(organization_id="00D7A0000008ibKUAQ", action_id="04k7A0000008OTmQAM")
    written = write_message([Outgoing(deleted, "04l7A000000RVvHQAW")], sender)
    instance = b"https://example.my.salesforce.com/services/Soap/%s/62.0/"
    for api in (b"c", b"u"):
        theirs = b"https://cs44.salesforce.com/services/Soap/%s/35.0/" % api
        written = written.replace(instance % api, theirs)
    assert written == body.rstrip()


@pytest.mark.parametrize(
    ("pattern", "refusal"),
    [("empty-*", Refusal.NOT_OUTBOUND), ("single-quotes-*", Refusal.BAD_ID)],
)
def test_what_is_no_message_is_refused(field_corpus: Path, pattern: str, refusal: Refusal) -> None:
    with pytest.raises(EnvelopeError) as caught:
        obgen.decode(only(field_corpus, pattern), table("Lead"))
    assert caught.value.refusal is refusal


def test_no_message_of_the_corpus_is_left_out(field_corpus: Path) -> None:
    assert len(list(field_corpus.glob("messages/*.xml"))) == 9


@pytest.mark.parametrize(
    ("name", "content_type", "acknowledged", "tolerated"),
    [
        ("ok--aspnet-expected.xml", "text/xml", True, False),
        ("ok-out-true--matonism.xml", "text/xml", True, False),
        ("ok-prefixed-ns1-SOAP-ENV--comsave-tower.xml", "text/xml", True, False),
        ("ok-contenttype-soap12--lekkimworld.xml", "application/soap+xml", True, True),
        ("ok-bom--aspnet.xml", "text/xml", False, True),
        ("ok-leading-newline-nodecl--TehNrd.xml", "text/xml", False, True),
        ("nack-out-false--matonism.xml", "text/xml", False, False),
        ("wrong-element-notifications--bradbumbalough.xml", "text/xml", False, False),
        ("wrong-json-400--comsave-tower.json", "application/json", False, False),
        ("wrong-no-namespace--draisine.xml", "text/xml", False, False),
    ],
)
def test_answers_of_real_receivers_are_judged(
    field_corpus: Path, name: str, content_type: str, acknowledged: bool, tolerated: bool
) -> None:
    status = 400 if "-400-" in name else 200
    verdict = judge(status, (field_corpus / "acks" / name).read_bytes(), content_type)
    assert verdict.acknowledged is acknowledged
    assert bool(verdict.tolerated) is tolerated


def test_no_answer_of_the_corpus_is_left_out(field_corpus: Path) -> None:
    assert len(list((field_corpus / "acks").iterdir())) == 10
