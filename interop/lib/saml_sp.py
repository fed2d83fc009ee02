"""python3-saml in strict mode as service provider: the control of the SAML cases, in which no Symbolon takes part.

Usage: saml_sp.py PORT CERTIFICATE KEY, then `POST /configure` with {"metadata": IDP_METADATA, "encrypted": bool}.
/login and /logout start at the identity provider; /acs answers 200 with what was read, or 403 with the errors.
"""

import json
import secrets
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

PORT = int(sys.argv[1])
BASE = f"http://127.0.0.1:{PORT}"


def unframed(path):
    with open(path, encoding="ascii") as file:
        return "".join(line.strip() for line in file if not line.startswith("-----"))


CERTIFICATE, KEY = unframed(sys.argv[2]), unframed(sys.argv[3])
SESSIONS = {}
SETTINGS = {}


def configure(order):
    encrypted = order.get("encrypted", False)
    signed = order.get("signed", ["assertion", "response"])
    ours = {
        "strict": True,
        "sp": {
            "entityId": f"{BASE}/metadata",
            "assertionConsumerService": {"url": f"{BASE}/acs", "binding": POST},
            "singleLogoutService": {"url": f"{BASE}/sls", "binding": REDIRECT},
            "x509cert": CERTIFICATE,
            "privateKey": KEY,
        },
        "security": {
            "authnRequestsSigned": True,
            "logoutRequestSigned": True,
            "logoutResponseSigned": True,
            "wantMessagesSigned": "response" in signed,
            "wantAssertionsSigned": "assertion" in signed,
            "wantAssertionsEncrypted": encrypted,
            "wantAttributeStatement": False,
            "requestedAuthnContext": order.get("contexts", False),
            "signatureAlgorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "digestAlgorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
        },
    }
    if "metadata" in order:
        SETTINGS.clear()
        SETTINGS.update(OneLogin_Saml2_IdPMetadataParser.parse(order["metadata"], required_sso_binding=REDIRECT))
    SETTINGS.update(ours)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, content="", location=None, session=None, kind="application/json"):
        body = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        if session:
            self.send_header("Set-Cookie", f"session={session}; Path=/; HttpOnly")
        self.end_headers()
        self.wfile.write(body)

    def session(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return SESSIONS.get(cookie.value if cookie else None, {})

    def auth(self, form=None):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        request = {
            "https": "off", "http_host": f"127.0.0.1:{PORT}", "script_name": url.path, "query_string": url.query,
            "get_data": query, "post_data": form or {},
        }
        return OneLogin_Saml2_Auth(request, dict(SETTINGS))

    def do_GET(self):
        self.safely({"/metadata": self.metadata, "/session": self.show, "/login": self.login, "/logout": self.logout, "/sls": self.sls})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length).decode()
        self.safely({"/configure": lambda: self.configure(content), "/acs": lambda: self.acs(content)})

    def safely(self, pages):
        page = pages.get(urlsplit(self.path).path)
        try:
            if page:
                page()
            else:
                self.answer(404)
        except Exception as error:  # its errors are many and of all kinds: each is a refusal
            self.answer(403, json.dumps({"errors": [f"{type(error).__name__}: {error}"]}))

    def configure(self, content):
        configure(json.loads(content))
        self.answer(200, "{}")

    def metadata(self):
        settings = OneLogin_Saml2_Settings(dict(SETTINGS), sp_validation_only=True)
        self.answer(200, settings.get_sp_metadata().decode(), kind="application/samlmetadata+xml")

    def login(self):
        auth, session = self.auth(), secrets.token_hex(8)
        target = auth.login(return_to="state-of-the-control")
        SESSIONS[session] = {"request": auth.get_last_request_id()}
        self.answer(302, location=target, session=session)

    def acs(self, content):
        form = {name: values[0] for name, values in parse_qs(content, keep_blank_values=True).items()}
        session, auth = self.session(), self.auth(form)
        auth.process_response(request_id=session.get("request", "none"))
        if auth.get_errors() or not auth.is_authenticated():
            self.answer(403, json.dumps({"errors": auth.get_errors(), "reason": auth.get_last_error_reason()}))
            return
        session.update(name_id=auth.get_nameid(), index=auth.get_session_index(), format=auth.get_nameid_format(),
                       qualifier=auth.get_nameid_nq(), sp_qualifier=auth.get_nameid_spnq())
        self.answer(200, json.dumps({"name_id": auth.get_nameid(), "attributes": auth.get_attributes()}))

    def show(self):
        self.answer(200, json.dumps({"name_id": self.session().get("name_id")}))

    def logout(self):
        session, auth = self.session(), self.auth()
        target = auth.logout(name_id=session.get("name_id"), session_index=session.get("index"),
                             name_id_format=session.get("format"), nq=session.get("qualifier"),
                             spnq=session.get("sp_qualifier"))
        session["logout"] = auth.get_last_request_id()
        self.answer(302, location=target)

    def sls(self):
        session, auth = self.session(), self.auth()
        target = auth.process_slo(request_id=session.get("logout"), delete_session_cb=session.clear)
        if auth.get_errors():
            self.answer(403, json.dumps({"errors": auth.get_errors(), "reason": auth.get_last_error_reason()}))
        elif target:
            self.answer(302, location=target)
        else:
            self.answer(200, json.dumps({"signed_out": True}))


configure({})
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
