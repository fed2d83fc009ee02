"""Reads what a service provider sends with readers that are not its own: the OASIS schemas, and python3-saml.

Standard input: {"metadata": its metadata, "messages": [{"url": where it went, "binding": "redirect" | "post", "raw": the
query or the form as it came}]}. Standard output: for the metadata and each message {"what": .., "problems": [..]}.
Nothing is loaded from elsewhere.
"""

import base64
import json
import re
import sys
import zlib
from urllib.parse import parse_qsl, urlsplit

from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from validate_saml import schema, schema_folder

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
NAMES = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "ds": "http://www.w3.org/2000/09/xmldsig#",
         "saml": "urn:oasis:names:tc:SAML:2.0:assertion"}
SHA256 = {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"}


def schema_problems(xml, name):
    judge = schema(schema_folder(), name)
    document = etree.fromstring(xml, PARSER)
    return [] if judge.validate(document) else [f"schema: {error.message}" for error in judge.error_log]


def certificates(metadata, use):
    document = etree.fromstring(metadata, PARSER)
    keys = document.xpath("//md:SPSSODescriptor/md:KeyDescriptor[not(@use) or @use=$use]", namespaces=NAMES, use=use)
    return [re.sub(r"\s", "", text) for key in keys for text in key.xpath(".//ds:X509Certificate/text()", namespaces=NAMES)]


def read_metadata(metadata):
    problems = schema_problems(metadata.encode(), "metadata")
    settings = OneLogin_Saml2_Settings({"strict": True, "sp": {"entityId": "x", "assertionConsumerService": {"url": "http://127.0.0.1/"}}},
                                       sp_validation_only=True)
    problems += settings.validate_metadata(metadata)
    document = etree.fromstring(metadata.encode(), PARSER)
    for use in ("signing", "encryption"):
        if not certificates(metadata, use):
            problems.append(f"no certificate for {use}")
    if document.find("ds:Signature", NAMES) is not None:
        if not any(OneLogin_Saml2_Utils.validate_metadata_sign(metadata, cert=pem(cert)) for cert in certificates(metadata, "signing")):
            problems.append("no certificate of its own verifies its signature")
    else:
        problems.append("not signed")
    return problems


def read_message(message, metadata):
    fields = dict(parse_qsl(message["raw"], keep_blank_values=True))
    name = "SAMLRequest" if "SAMLRequest" in fields else "SAMLResponse"
    xml = base64.b64decode(fields[name], validate=True)
    if message["binding"] == "redirect":
        xml = zlib.decompress(xml, -15)
    document = etree.fromstring(xml, PARSER)
    kind = etree.QName(document).localname
    problems = schema_problems(xml, "protocol")
    if document.get("Destination") != message["url"]:
        problems.append(f"Destination is {document.get('Destination')}, it came to {message['url']}")
    entity = etree.fromstring(metadata.encode(), PARSER).get("entityID")
    issuer = document.findtext("saml:Issuer", namespaces=NAMES)
    if issuer != entity:
        problems.append(f"Issuer is {issuer}, the metadata says {entity}")
    if len(document.get("ID", "")) < 33 or not document.get("ID")[0].isalpha() and document.get("ID")[0] != "_":
        problems.append(f"ID {document.get('ID')} is short or starts with a digit")
    if len(fields.get("RelayState", "").encode()) > 80:
        problems.append("RelayState is longer than 80 bytes")
    problems += (redirect_problems if message["binding"] == "redirect" else post_problems)(message, fields, xml, metadata, name)
    if message["binding"] == "redirect" and kind.startswith("Logout"):
        problems += python3_saml_problems(message, fields, metadata, entity)
    return f"{kind}-by-{message['binding']}", problems


def redirect_problems(message, fields, xml, metadata, name):
    problems = []
    if "Signature" not in fields:
        return ["the query is not signed"]
    if fields["SigAlg"] not in SHA256:
        problems.append(f"signed with {fields['SigAlg']}")
    if b"<ds:Signature" in xml or b"xmldsig#" in xml:
        problems.append("an enveloped signature in a redirect (Bindings 3.4.4.1)")
    parts = {part.split("=")[0]: part for part in message["raw"].split("&")}
    signed = "&".join(parts[key] for key in (name, "RelayState", "SigAlg") if key in parts)
    if not any(OneLogin_Saml2_Utils.validate_binary_sign(signed, base64.b64decode(fields["Signature"]), pem(cert), fields["SigAlg"])
               for cert in certificates(metadata, "signing")):
        problems.append("no certificate of the metadata verifies the query")
    return problems


def post_problems(_message, _fields, xml, metadata, _name):
    text = xml.decode()
    methods = re.findall(r'SignatureMethod[^>]* Algorithm="([^"]*)"', text)
    if not methods:
        return ["not signed"]
    problems = [f"signed with {method}" for method in methods if method not in SHA256]
    element = etree.fromstring(xml, PARSER)
    children = [etree.QName(child).localname for child in element]
    if children[:2] != ["Issuer", "Signature"]:
        problems.append(f"it starts with {children[:2]}")
    if not any(verifies(text, cert) for cert in certificates(metadata, "signing")):
        problems.append("no certificate of the metadata verifies its signature")
    return problems


def verifies(text, cert):
    # Its search for the signature knows responses and logout messages only: say where it is.
    return OneLogin_Saml2_Utils.validate_sign(text, cert=pem(cert), xpath="/*/ds:Signature")


def python3_saml_problems(message, fields, metadata, entity):
    """python3-saml as the other side of a sign-out: it takes whoever sends this for its identity provider."""
    here = urlsplit(message["url"])
    settings = {
        "strict": True,
        "sp": {"entityId": f"{here.scheme}://{here.netloc}/metadata",
               "assertionConsumerService": {"url": f"{here.scheme}://{here.netloc}/acs"},
               "singleLogoutService": {"url": message["url"]}},
        "idp": {"entityId": entity, "singleSignOnService": {"url": "http://127.0.0.1/"}, "singleLogoutService": {"url": "http://127.0.0.1/"},
                "x509certMulti": {"signing": certificates(metadata, "signing")}},
        "security": {"wantMessagesSigned": True, "rejectDeprecatedAlgorithm": True},
    }
    request = {"https": "on" if here.scheme == "https" else "off", "http_host": here.netloc, "script_name": here.path,
               "get_data": fields, "post_data": {}, "query_string": message["raw"], "validate_signature_from_qs": True}
    auth = OneLogin_Saml2_Auth(request, settings)
    auth.process_slo(keep_local_session=True)
    return [f"python3-saml: {auth.get_errors()} {auth.get_last_error_reason()}"] if auth.get_errors() else []


def pem(cert):
    return OneLogin_Saml2_Utils.format_cert(cert)


def main():
    order = json.load(sys.stdin)
    results = [{"what": "metadata", "problems": read_metadata(order["metadata"])}]
    for message in order["messages"]:
        try:
            what, problems = read_message(message, order["metadata"])
        except Exception as error:  # what cannot be read at all is the worst finding
            what, problems = f"message-by-{message['binding']}", [f"{type(error).__name__}: {error}"]
        results.append({"what": what, "problems": problems})
    json.dump(results, sys.stdout)


main()
