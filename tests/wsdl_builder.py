"""Write WSDLs in the shape that Salesforce gives those of outbound messages."""

from collections.abc import Mapping
from typing import Final

ENDPOINT: Final = "https://receiver.example.com/salesforce"

SKELETON: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<!--
Outbound message of a test
Generated on 2024-02-03 04:05:06 +0000.
-->
<definitions targetNamespace="http://soap.sforce.com/2005/09/outbound"
             xmlns="http://schemas.xmlsoap.org/wsdl/"
             xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
             xmlns:tns="http://soap.sforce.com/2005/09/outbound"
             xmlns:xsd="http://www.w3.org/2001/XMLSchema"
             xmlns:ent="urn:enterprise.soap.sforce.com"
             xmlns:ens="urn:sobject.enterprise.soap.sforce.com">
    <types>
        <schema elementFormDefault="qualified" xmlns="http://www.w3.org/2001/XMLSchema"
                targetNamespace="urn:enterprise.soap.sforce.com">
            <simpleType name="ID">
                <restriction base="xsd:string">
                    <length value="18"/>
                    <pattern value='[a-zA-Z0-9]{18}'/>
                </restriction>
            </simpleType>
        </schema>

        <schema elementFormDefault="qualified" xmlns="http://www.w3.org/2001/XMLSchema"
                targetNamespace="urn:sobject.enterprise.soap.sforce.com">
            <import namespace="urn:enterprise.soap.sforce.com" />
            <complexType name="sObject">
                <sequence>
                    <element name="fieldsToNull" type="xsd:string" nillable="true" \
minOccurs="0" maxOccurs="unbounded"/>
                    <element name="Id" type="ent:ID" nillable="true" />
                </sequence>
            </complexType>
            <complexType name="AggregateResult">
                <complexContent>
                    <extension base="ens:sObject">
                        <sequence>
                            <any namespace="##targetNamespace" minOccurs="0" \
maxOccurs="unbounded" processContents="lax"/>
                        </sequence>
                    </extension>
                </complexContent>
            </complexType>
            <complexType name="@OBJECT@">
                <complexContent>
                    <extension base="ens:sObject">
                        <sequence>
@FIELDS@
                        </sequence>
                    </extension>
                </complexContent>
            </complexType>
        </schema>

        <schema elementFormDefault="qualified" xmlns="http://www.w3.org/2001/XMLSchema"
                targetNamespace="http://soap.sforce.com/2005/09/outbound">
            <import namespace="urn:enterprise.soap.sforce.com" />
            <import namespace="urn:sobject.enterprise.soap.sforce.com" />
            <element name="notifications">
                <complexType>
                    <sequence>
                        <element name="OrganizationId" type="ent:ID" />
                        <element name="ActionId" type="ent:ID" />
                        <element name="SessionId" type="xsd:string" nillable="true" />
                        <element name="EnterpriseUrl" type="xsd:string" />
                        <element name="PartnerUrl" type="xsd:string" />
                        <element name="Notification" maxOccurs="100" \
type="tns:@OBJECT@Notification" />
                    </sequence>
                </complexType>
            </element>
            <complexType name="@OBJECT@Notification">
                <sequence>
                    <element name="Id" type="ent:ID" />
                    <element name="sObject" type="ens:@OBJECT@" />
                </sequence>
            </complexType>
            <element name="notificationsResponse">
                <complexType>
                    <sequence>
                        <element name="Ack" type="xsd:boolean" />
                    </sequence>
                </complexType>
            </element>
        </schema>
    </types>

    <message name="notificationsRequest">
        <part element="tns:notifications" name="request"/>
    </message>
    <message name="notificationsResponse">
        <part element="tns:notificationsResponse" name="response"/>
    </message>

    <portType name="NotificationPort">
        <operation name="notifications">
            <documentation>Process a number of notifications.</documentation>
            <input  message="tns:notificationsRequest"/>
            <output message="tns:notificationsResponse"/>
        </operation>
    </portType>

    <binding name="NotificationBinding" type="tns:NotificationPort">
        <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
        <operation name="notifications">
            <soap:operation soapAction=""/>
            <input>
                <soap:body use="literal"/>
            </input>
            <output>
                <soap:body use="literal"/>
            </output>
        </operation>
    </binding>

    <service name="NotificationService">
        <documentation>Notification Service Implementation</documentation>
        <port binding="tns:NotificationBinding" name="Notification">
            <soap:address location="@ENDPOINT@"/>
        </port>
    </service>
</definitions>
"""

FIVE_FIELDS: Final[Mapping[str, str]] = {
    "Amount": "double",
    "CloseDate": "date",
    "Is_Won__c": "boolean",
    "Name": "string",
    "SystemModstamp": "dateTime",
}

EVERY_TYPE: Final[Mapping[str, str]] = {
    "Any__c": "anyType",
    "Body__c": "base64Binary",
    "Count__c": "int",
    "Flag__c": "boolean",
    "Moment__c": "dateTime",
    "OwnerId": "ID",
    "Price__c": "double",
    "Start__c": "time",
    "SystemModstamp": "dateTime",
    "Text__c": "string",
    "When__c": "date",
}


def field_element(name: str, xsd_type: str = "string") -> str:
    """Return the declaration of one field; a type without prefix gets Salesforce's."""
    if ":" not in xsd_type:
        xsd_type = f"{'ent' if xsd_type == 'ID' else 'xsd'}:{xsd_type}"
    indent = " " * 28
    return f'{indent}<element name="{name}" nillable="true" minOccurs="0" type="{xsd_type}"/>'


def build_wsdl(
    object_type: str = "Opportunity",
    fields: Mapping[str, str] = FIVE_FIELDS,
    *,
    endpoint: str = ENDPOINT,
) -> str:
    """Return the WSDL of an outbound message with these fields besides Id."""
    return (
        SKELETON.replace("@OBJECT@", object_type)
        .replace("@FIELDS@", "\n".join(field_element(*field) for field in fields.items()))
        .replace("@ENDPOINT@", endpoint)
    )
