#!/usr/bin/env python3
"""Validates SAML documents against the OASIS schemas, without any network.

Usage: validate_saml.py FILE...      one document a file
       validate_saml.py --list       where the schemas come from

The schemas ship with the PyPI packages python3-saml and spid-sp-test; one of them must be installed beside lxml.
Prints `ok FILE` or `FAIL FILE why`, and `N valid, M invalid` at the end; exits with 1 when any is invalid.
"""

import importlib.util
import pathlib
import sys

from lxml import etree

PLACES = [("onelogin", "saml2/schemas"), ("spid_sp_test", "xsd")]
NEEDED = {
    "protocol": "saml-schema-protocol-2.0.xsd",
    "metadata": "saml-schema-metadata-2.0.xsd",
    "assertion": "saml-schema-assertion-2.0.xsd",
}
# Extensions are declared as `any` with lax processing: their own schema is looked at where it is there.
METADATA_UI = "sstc-saml-metadata-ui-v1.0.xsd"


def schema_folder():
    for package, folder in PLACES:
        found = importlib.util.find_spec(package)
        for place in found.submodule_search_locations if found else []:
            path = pathlib.Path(place) / folder
            if all((path / name).exists() for name in NEEDED.values()):
                return path
    sys.exit("no schemas: pip install python3-saml (or spid-sp-test)")


def schema(folder, kind):
    """A schema that imports all that documents of this kind may hold."""
    imports = {"urn:oasis:names:tc:SAML:2.0:" + kind: NEEDED[kind]}
    if kind == "metadata" and (folder / METADATA_UI).exists():
        imports["urn:oasis:names:tc:SAML:metadata:ui"] = METADATA_UI
    lines = [f'<xs:import namespace="{ns}" schemaLocation="{name}"/>' for ns, name in imports.items()]
    text = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{"".join(lines)}</xs:schema>'
    # The schema of XML Signature has a document type of its own: it is neither loaded nor needed.
    parser = etree.XMLParser(no_network=True, load_dtd=False)
    document = etree.fromstring(text, parser, base_url=str(folder / "all.xsd"))
    return etree.XMLSchema(document)


def main(arguments):
    folder = schema_folder()
    if arguments == ["--list"]:
        print(folder)
        return 0
    if not arguments:
        sys.exit(__doc__)
    strict = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    schemas, invalid = {}, 0
    for name in arguments:
        try:
            document = etree.parse(name, strict)
            kind = etree.QName(document.getroot()).namespace.rsplit(":", 1)[-1]
            if kind not in schemas:
                schemas[kind] = schema(folder, kind)
            schemas[kind].assertValid(document)
            print("ok", name)
        except (etree.XMLSyntaxError, etree.DocumentInvalid, KeyError, AttributeError) as problem:
            invalid += 1
            print("FAIL", name, problem)
    print(f"{len(arguments) - invalid} valid, {invalid} invalid")
    return 1 if invalid else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
