"""pysaml2 as identity provider: signs one person in without asking, in the way that it is told.

Usage: pysaml2_idp.py PORT CERTIFICATE KEY [HOST]; the name by which browsers know it is 127.0.0.1 or HOST.
GET /metadata; /sso and /slo by Redirect and POST; GET /start-logout?binding=redirect|post sends a LogoutRequest.
POST /control tells it: {"metadata": of the service provider, "sign": ["assertion", "response"], "encrypt": null |
"aes256-cbc" | "aes128-gcm" | "default", "self_contained": whether an encrypted assertion declares its namespaces itself,
"person": {"id": .., "attributes": {name: [values]}}}.
GET /seen gives what came in since the last time, as it came.
"""

import functools
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import saml2.entity
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, xmldsig
from saml2.config import IdPConfig
from saml2.saml import NAME_FORMAT_URI, NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.sigver import pre_encryption_part

PORT, CERTIFICATE, KEY = int(sys.argv[1]), sys.argv[2], sys.argv[3]
BASE = f"http://{sys.argv[4] if len(sys.argv) > 4 else '127.0.0.1'}:{PORT}"
# Its settings of these names are not heeded everywhere: say it at each call. Its own are SHA-1.
SHA256 = {"sign_alg": xmldsig.SIG_RSA_SHA256, "digest_alg": xmldsig.DIGEST_SHA256}
BINDINGS = {"redirect": BINDING_HTTP_REDIRECT, "post": BINDING_HTTP_POST}
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
# Content algorithm and kind of session key for xmlsec1. "default" is pysaml2's own: Triple DES.
ALGORITHMS = {
    "aes128-cbc": ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "aes-128"),
    "aes256-cbc": ("http://www.w3.org/2001/04/xmlenc#aes256-cbc", "aes-256"),
    "aes128-gcm": ("http://www.w3.org/2009/xmlenc11#aes128-gcm", "aes-128"),
    "aes256-gcm": ("http://www.w3.org/2009/xmlenc11#aes256-gcm", "aes-256"),
}

STATE = {"sign": ["assertion"], "encrypt": None, "self_contained": True, "person": {"id": "alice", "attributes": {}}}
SEEN = []
SESSION = {}


def server_for(metadata):
    endpoints = {
        service: [(f"{BASE}{path}", BINDING_HTTP_REDIRECT), (f"{BASE}{path}", BINDING_HTTP_POST)]
        for service, path in [("single_sign_on_service", "/sso"), ("single_logout_service", "/slo")]
    }
    config = {
        "entityid": f"{BASE}/metadata",
        "key_file": KEY,
        "cert_file": CERTIFICATE,
        "encryption_keypairs": [{"key_file": KEY, "cert_file": CERTIFICATE}],
        "service": {"idp": {
            "name": "pysaml2",
            "endpoints": endpoints,
            "want_authn_requests_signed": True,
            "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None, "name_form": NAME_FORMAT_URI}},
        }},
        "metadata": {"inline": [metadata]} if metadata else {},
    }
    return Server(config=IdPConfig().load(config))


SERVER = server_for(None)


def sign_in(fields, binding):
    request = SERVER.parse_authn_request(fields["SAMLRequest"], binding, relay_state=fields.get("RelayState"),
                                         sigalg=fields.get("SigAlg"), signature=fields.get("Signature")).message
    peer = request.issuer.text.strip()
    person = STATE["person"]
    SESSION.update(peer=peer, name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, name_qualifier=f"{BASE}/metadata",
                                             sp_name_qualifier=peer, text=person["id"]))
    algorithm = ALGORITHMS.get(STATE["encrypt"])
    backend = SERVER.sec.crypto
    saml2.entity.pre_encryption_part = pre_encryption_part
    backend.__dict__.pop("encrypt_assertion", None)
    if algorithm:
        # Neither has a setting for it.
        saml2.entity.pre_encryption_part = functools.partial(pre_encryption_part, msg_enc=algorithm[0])
        encrypt = backend.encrypt_assertion
        backend.encrypt_assertion = lambda statement, key, template, _, *rest: encrypt(
            statement, key, template, algorithm[1], *rest)
    response = str(SERVER.create_authn_response(
        person["attributes"], request.id, request.assertion_consumer_service_url, peer, name_id=SESSION["name_id"],
        authn={"class_ref": PASSWORD, "authn_auth": ""},
        sign_assertion="assertion" in STATE["sign"], sign_response="response" in STATE["sign"],
        encrypt_assertion=bool(STATE["encrypt"]), encrypt_assertion_self_contained=STATE["self_contained"],
        **SHA256,
    ))
    statements = SERVER.session_db.get_authn_statements(SESSION["name_id"])
    SESSION["indexes"] = [statement.session_index for assertion in statements for statement in assertion][-1:]
    return SERVER.apply_binding(BINDING_HTTP_POST, response, request.assertion_consumer_service_url,
                                fields.get("RelayState", ""), response=True)


def sign_out(fields, binding):
    """A LogoutRequest is answered by the binding that it came by; an answer ends here."""
    if "SAMLResponse" in fields:
        answer = SERVER.parse_logout_request_response(fields["SAMLResponse"], binding)
        if binding == BINDING_HTTP_REDIRECT and not is_signed(fields, "SAMLResponse"):
            raise ValueError("the LogoutResponse is not signed")
        return {"text": json.dumps({"signed_out": answer.status_ok()})}
    request = SERVER.parse_logout_request(fields["SAMLRequest"], binding, relay_state=fields.get("RelayState"),
                                          sigalg=fields.get("SigAlg"), signature=fields.get("Signature")).message
    if request.name_id.text.strip() != SESSION["name_id"].text:
        raise ValueError(f"the LogoutRequest is about {request.name_id.text}")
    SEEN[-1]["indexes"] = [index.text for index in request.session_index]
    embedded = binding == BINDING_HTTP_POST
    response = SERVER.create_logout_response(request, [binding], sign=embedded, **SHA256)
    target = SERVER.response_args(request, [binding])["destination"]
    return SERVER.apply_binding(binding, str(response), target, fields.get("RelayState", ""), response=True,
                                sign=not embedded, sigalg=SHA256["sign_alg"])


def start_logout(binding):
    target = SERVER.metadata.single_logout_service(SESSION["peer"], binding, "spsso")[0]["location"]
    embedded = binding == BINDING_HTTP_POST
    _, request = SERVER.create_logout_request(target, SESSION["peer"], name_id=SESSION["name_id"], sign=embedded,
                                              session_indexes=SESSION.get("indexes"), expire=later(), **SHA256)
    return SERVER.apply_binding(binding, str(request), target, "state-of-pysaml2", sign=not embedded,
                                sigalg=SHA256["sign_alg"])


def later():
    return saml2.time_util.in_a_while(minutes=5)


def is_signed(fields, name):
    certificates = SERVER.metadata.certs(SESSION["peer"], "any", "signing")
    message = {key: fields[key] for key in (name, "RelayState", "SigAlg", "Signature") if key in fields}
    return any(saml2.sigver.verify_redirect_signature(message, SERVER.sec.sec_backend, certificate)
               for _, certificate in certificates)


def control(order):
    global SERVER
    if "metadata" in order:
        SERVER = server_for(order.pop("metadata"))
    STATE.update(order)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, content, kind="text/html", headers=()):
        body = content.encode()
        self.send_response(status)
        for name, value in [("Content-Type", kind), ("Content-Length", str(len(body))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urlsplit(self.path)
        self.page(url.path, dict(parse_qsl(url.query, keep_blank_values=True)), BINDING_HTTP_REDIRECT, url.query)

    def do_POST(self):
        content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/control":
            control(json.loads(content))
            self.answer(200, "{}", "application/json")
        else:
            self.page(self.path, dict(parse_qsl(content, keep_blank_values=True)), BINDING_HTTP_POST, content)

    def page(self, path, fields, binding, raw):
        try:
            if path == "/metadata":
                self.answer(200, str(saml2.metadata.entity_descriptor(SERVER.config)), "application/samlmetadata+xml")
            elif path == "/seen":
                self.answer(200, json.dumps(SEEN), "application/json")
                SEEN.clear()
            elif path == "/start-logout":
                self.send(start_logout(BINDINGS[fields["binding"]]))
            elif path in ("/sso", "/slo"):
                name = "post" if binding == BINDING_HTTP_POST else "redirect"
                SEEN.append({"path": path, "binding": name, "raw": raw})
                self.send(sign_in(fields, binding) if path == "/sso" else sign_out(fields, binding))
            else:
                self.answer(404, "")
        except Exception as error:  # its errors are of all kinds: each is a refusal that a case shows
            causes = [error, error.__cause__] if error.__cause__ else [error]
            self.answer(400, " <- ".join(f"{type(cause).__name__}: {cause}" for cause in causes), "text/plain")

    def send(self, message):
        if "text" in message:
            self.answer(200, message["text"], "application/json")
        elif message["method"] == "POST":
            self.answer(200, message["data"])
        else:
            self.answer(302, "", headers=message["headers"])


ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
