// PyPI Authlib as application; `authlib_application.py` is the application.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';

import { ensure } from './cases.mjs';
import { CALLBACK, OFFLINE } from './op/registrations.mjs';
import { PYTHON, script } from './python.mjs';
import { judgeSteps, tell } from './told_application.mjs';

const KID = 'authlib-1';
const EMAIL = 'alice@contoso.example';

/** Metadata of its two applications, and the key of the second. */
export async function authlibRegistrations(scratch) {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = join(scratch, 'authlib.pem');
  writeFileSync(key, await exportPKCS8(privateKey), { mode: 0o600 });
  const jwks = { keys: [{ ...await exportJWK(publicKey), kid: KID, use: 'sig', alg: 'RS256' }] };
  return {
    key,
    metadata: {
      authlib: {
        redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code', 'refresh_token'], scope: OFFLINE.scope,
      },
      'authlib-keyed': {
        redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'RS256', jwks,
      },
    },
  };
}

/** `stand`: one provider, see `applications.mjs`. */
export async function authlib(cases, prefix, stand, key) {
  const walk = (id, settings) => {
    const registered = stand.registrations[id];
    ensure(registered, 'its application could not be registered');
    const { client_id, client_secret } = registered;
    return tell(stand, PYTHON, [script('authlib_application.py')], { issuer: stand.issuer, redirect_uri: CALLBACK, client_id, client_secret, ...settings });
  };
  const steps = await cases.run(`${prefix}/code-pkce-and-id-token`, () => walk('authlib', OFFLINE));
  await judgeSteps(cases, prefix, steps, {
    userinfo: ({ email, sub }) => email === EMAIL && sub === steps['code-and-id-token'].sub,
    refresh: ({ changed }) => changed,
    introspection: ({ active }) => active === true,
    revocation: ({ status, active }) => status === 200 && active === false,
  });
  await cases.run(`${prefix}/private-key-jwt`, async () => {
    const found = await walk('authlib-keyed', { scope: 'openid email', key, kid: KID });
    ensure(found.userinfo?.email === EMAIL, JSON.stringify(found));
  });
}
