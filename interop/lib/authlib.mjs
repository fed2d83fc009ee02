// PyPI Authlib as application; `authlib_application.py` is the application.

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';

import { plain } from './browser.mjs';
import { ensure } from './cases.mjs';
import { CALLBACK, OFFLINE } from './op/registrations.mjs';
import { PYTHON, script } from './python.mjs';

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
  const common = { issuer: stand.issuer, redirect_uri: CALLBACK };
  const { authlib: secret, 'authlib-keyed': keyed } = stand.registrations;
  let steps = {};
  await cases.run(`${prefix}/code-pkce-and-id-token`, async () => {
    ensure(secret, 'its application could not be registered');
    steps = await walk(stand, { ...common, ...OFFLINE, client_id: secret.client_id, client_secret: secret.client_secret });
    ensure(steps['code-and-id-token'].sub, JSON.stringify(steps));
  });
  const step = (name, judge) => cases.run(`${prefix}/${name}`, async () => {
    ensure(steps[name], `not reached: ${steps.problem}`);
    ensure(judge(steps[name]), JSON.stringify(steps[name]));
  });
  await step('userinfo', ({ email, sub }) => email === EMAIL && sub === steps['code-and-id-token'].sub);
  await step('refresh', ({ changed }) => changed);
  await step('introspection', ({ active }) => active === true);
  await step('revocation', ({ status, active }) => status === 200 && active === false);
  await cases.run(`${prefix}/private-key-jwt`, async () => {
    ensure(keyed, 'its application could not be registered');
    const found = await walk(stand, { ...common, scope: 'openid email', client_id: keyed.client_id, key, kid: KID });
    ensure(found.userinfo?.email === EMAIL, JSON.stringify(found));
  });
}

/** Starts it, is the browser for it, and gives what it said by step. */
async function walk(stand, settings) {
  const child = spawn(PYTHON, [script('authlib_application.py'), JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const steps = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line);
    if (said.url) {
      const page = await stand.somebody().walk(said.url, { stop: CALLBACK, connector: stand.connector });
      if (!page.arrived) child.kill('SIGTERM');
      ensure(page.arrived, `stopped at ${page.url?.href} with ${page.status}: ${plain(page.body ?? '')}`);
      child.stdin.end(`${page.arrived.href}\n`);
    } else if (said.problem) {
      steps.problem = said.problem;
    } else {
      steps[said.step] = said;
    }
  }
  ensure(steps['code-and-id-token'], steps.problem ?? 'it said nothing');
  return steps;
}
