"""spid-sp-test as an attacking identity provider: its 111 responses against one service provider's ACS.

Usage: spid.py --metadata                         prints the identity provider's metadata
       spid.py START [--connector ID] [--application URL]
START is an address that leads to the identity provider; APPLICATION is where a sign-in ends, if not at the ACS.
One JSON object a line: a case with what was expected and what came; the last line holds the counts.

spid-sp-test's own command line wants the habits of the Italian SPID (a name qualifier in the issuer, no page before
the identity provider); this drives its checks directly, and changes none of its responses.
"""

import argparse
import json
import logging
import re
import sys
from urllib.parse import parse_qs, urlsplit

import requests
from lxml import etree
from spid_sp_test.idp.settings import SAML2_IDP_CONFIG
from spid_sp_test.response import SpidSpResponseCheck
from spid_sp_test.utils import decode_authn_req_http_redirect

from walker import Arrived, walk

ISSUER = SAML2_IDP_CONFIG["entityid"]
SIGN_ON = f"{ISSUER}/samlsso"
ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"
REASON = re.compile(r"\b(?:saml|login|server|connector|user|upstream)\.[a-z0-9_]+")

METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{issuer}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>{certificate}</ds:X509Certificate>
    </ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{location}"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"""


class Plugin:
    """What spid-sp-test calls to get a request and to send a response."""

    connector = None
    application = None

    def __init__(self, session, start, *_):
        self.session, self.start = session, start

    def request(self):
        try:
            page = walk(self.session, self.start, stops=[SIGN_ON], connector=self.connector)
        except Arrived as arrived:
            fields = {name: values[0] for name, values in parse_qs(urlsplit(arrived.url).query).items()}
            xml = decode_authn_req_http_redirect(fields["SAMLRequest"])
            return {
                "SAMLRequest": fields["SAMLRequest"], "SAMLRequest_xml": with_name_qualifier(xml),
                "RelayState": fields.get("RelayState", ""), "requests_session": self.session,
            }
        raise RuntimeError(f"no request came: {page.url} answers {page.status_code}: {page.text[:300]}")

    def response(self, url, data):
        try:
            stops = [self.application] if self.application else []
            return walk(self.session, url, form=data, origin=ISSUER, stops=stops, connector=self.connector)
        except Arrived as arrived:
            answer = requests.Response()
            fields = parse_qs(urlsplit(arrived.url).query)
            answer.status_code = 200 if fields.get("code") else 400
            answer._content = arrived.url.encode()
            return answer


def with_name_qualifier(xml):
    """Reads the audience from the issuer's name qualifier, which only SPID has: put the issuer there."""
    tree = etree.fromstring(xml.encode())
    issuer = tree.find(f"{ASSERTION}Issuer")
    issuer.set("NameQualifier", issuer.text.strip())
    return etree.tostring(tree)


class Check(SpidSpResponseCheck):
    """Prints each case as it ends."""

    passed = of = 0

    def check_response(self, res, msg, attendeds=(), test_id=""):
        passed = res.status_code in attendeds
        self.passed, self.of = self.passed + passed, self.of + 1
        reasons = sorted(set(REASON.findall(res.content.decode(errors="replace"))))
        line = {"case": test_id, "passed": passed, "wants": "accept" if attendeds == [200] else "refuse",
                "status": res.status_code, "reasons": reasons, "title": msg.split("] ", 1)[-1].split(". Risultato")[0]}
        print(json.dumps(line, ensure_ascii=False), flush=True)
        return passed, ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("start", nargs="?")
    parser.add_argument("--metadata", action="store_true")
    parser.add_argument("--connector")
    parser.add_argument("--application")
    parser.add_argument("--case", action="append", help="only these")
    parser.add_argument("--debug", action="store_true")
    options = parser.parse_args()
    if options.metadata:
        with open(SAML2_IDP_CONFIG["cert_file"], encoding="ascii") as file:
            certificate = "".join(line for line in file if not line.startswith("-----"))
        print(METADATA.format(issuer=ISSUER, location=SIGN_ON, certificate=certificate))
        return
    logging.disable(logging.NOTSET if options.debug else logging.CRITICAL)
    # It loads the plugin by name, which must find this class and no second copy of it.
    sys.modules["spid"] = sys.modules["__main__"]
    Plugin.connector, Plugin.application = options.connector, options.application
    check = Check(authn_request_url=options.start, authn_plugin="spid.Plugin", requests_session=requests.Session(),
                  metadata_etree=etree.fromstring("<EntityDescriptor/>"), test_names=options.case)
    check.test_profile_spid_sp()
    print(json.dumps({"cases": check.of, "passes": check.passed}))


if __name__ == "__main__":
    main()
