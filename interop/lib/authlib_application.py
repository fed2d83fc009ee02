"""PyPI Authlib as application: signs somebody in, and does with the tokens what an application does.

Usage: authlib_application.py SETTINGS, one JSON object: issuer, client_id, redirect_uri, and client_secret or key (a
PEM file, with its kid). It prints the address to begin at, reads the address that the browser came back with, and
prints what came of it, each as one line of JSON.
"""

import json
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

VERIFIER = "a-verifier-of-authlib-that-is-long-enough-0123456789"
NONCE = "nonce-of-authlib"


def say(**answer):
    print(json.dumps(answer), flush=True)


def session(settings, metadata):
    secret, method = settings.get("client_secret"), "client_secret_basic"
    if "key" in settings:
        with open(settings["key"], encoding="ascii") as file:
            secret, method = file.read(), "private_key_jwt"
    made = OAuth2Session(
        settings["client_id"],
        secret,
        scope=settings["scope"],
        redirect_uri=settings["redirect_uri"],
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
    )
    if method == "private_key_jwt":
        # As its documentation has it: RS256, and meant for the token endpoint.
        made.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], headers={"kid": settings["kid"]}))
    return made


def id_token(metadata, settings, token):
    """Validates as Authlib's own registry of providers does."""
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=metadata["id_token_signing_alg_values_supported"])
    expected = {
        "iss": {"values": [metadata["issuer"]]},
        "aud": {"values": [settings["client_id"]]},
    }
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        expected,
        {"nonce": NONCE, "client_id": settings["client_id"], "access_token": token["access_token"]},
    )
    claims.validate(leeway=10)
    return claims


def main():
    settings = json.loads(sys.argv[1])
    metadata = requests.get(f"{settings['issuer']}/.well-known/openid-configuration", timeout=10).json()
    application = session(settings, metadata)
    extra = {"prompt": settings["prompt"]} if "prompt" in settings else {}
    url, _ = application.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce=NONCE, **extra
    )
    say(url=url)
    answer = sys.stdin.readline().strip()
    token = application.fetch_token(metadata["token_endpoint"], authorization_response=answer, code_verifier=VERIFIER)
    claims = id_token(metadata, settings, token)
    say(step="code-and-id-token", sub=claims["sub"], scope=token.get("scope"))
    info = application.get(metadata["userinfo_endpoint"]).json()
    say(step="userinfo", sub=info.get("sub"), email=info.get("email"))
    if "key" in settings:
        return
    renewed = application.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    say(step="refresh", changed=renewed["access_token"] != token["access_token"])
    shown = application.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()
    say(step="introspection", active=shown.get("active"), sub=shown.get("sub"))
    revoked = application.revoke_token(metadata["revocation_endpoint"], token=renewed["access_token"])
    shown = application.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()
    say(step="revocation", status=revoked.status_code, active=shown.get("active"))


try:
    main()
except Exception as error:  # Whatever it is, the case shows it.
    say(problem=f"{type(error).__name__}: {error}")
