// Whether `conformance.mjs` keeps its word: what its files say is enough to do what the suite's modules begin with.

import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { importJWK } from 'jose';
import * as client from 'openid-client';

import { ensure } from './cases.mjs';
import { CONNECTOR } from './conformance.mjs';
import { Application } from './op/application.mjs';
import { freePorts } from './processes.mjs';
import { CLAIMS, CONTEXTS, SCOPE } from './whole_person.mjs';

const SUITE = 'https://localhost:8443';
const CALLBACK = `${SUITE}/test/a/interop/callback`;

/** `root`: this repository; `tls`: the folder of run.sh's authority, which this process believes. */
export async function conformanceRecipe(cases, somebody, { root, scratch, tls }) {
  const started = await cases.run('suite/symbolon-for-the-suite-comes-up', () => start(root, scratch, tls), { seconds: 300 });
  if (!started) return;
  const { child, said } = started;
  const read = (name) => JSON.parse(readFileSync(said[name], 'utf8'));
  const make = async (registration, key) => new Application({
    issuer: said.issuer, connector: CONNECTOR, key,
    registration: { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_basic', ...registration },
  }).discover();
  try {
    await cases.run('suite/every-endpoint-is-https', async () => {
      const { config } = await make(read('static').client);
      const plain = Object.entries(config.serverMetadata()).filter(([name, url]) => /_endpoint$|_uri$/.test(name) && !url.startsWith('https:'));
      ensure(plain.length === 0, JSON.stringify(plain));
    });
    await cases.run('suite/static-clients-sign-in-without-pkce', async () => {
      const { client: first, client2: second, client_secret_post: post } = read('static');
      for (const one of [first, second]) await withoutPkce(await make(one), somebody());
      await withoutPkce(await make({ ...post, token_endpoint_auth_method: 'client_secret_post' }), somebody());
    });
    await cases.run('suite/dynamic-client-signs-in-without-pkce', async () => {
      const made = await registered(said.issuer, read('dynamic').client, { grant_types: ['authorization_code', 'refresh_token'] });
      await withoutPkce(await make(made), somebody());
    });
    await cases.run('suite/every-standard-claim-and-the-acr-are-told', async () => {
      const application = await make(read('static').client);
      const tokens = await application.signIn(somebody(), { scope: SCOPE, acr_values: CONTEXTS.join(' ') });
      ensure(CONTEXTS.includes(tokens.claims.acr), `acr is ${tokens.claims.acr}`);
      const info = await client.fetchUserInfo(application.config, tokens.access_token, tokens.claims.sub);
      const missing = Object.values(CLAIMS).flat().filter((name) => !(name in info));
      ensure(missing.length === 0, `missing: ${missing}`);
    });
    await cases.run('suite/login-page-shows-what-was-registered', async () => {
      const { client: wanted, server } = read('choice');
      const issuer = server.discoveryUrl.replace('/.well-known/openid-configuration', '');
      const documents = { logo_uri: `${SUITE}/logo.png`, policy_uri: `${SUITE}/policy`, tos_uri: `${SUITE}/terms` };
      const application = await new Application({ issuer, registration: await registered(issuer, wanted, documents) }).discover();
      const page = await somebody().walk((await application.request()).url);
      const unseen = Object.values(documents).filter((url) => !page.body.includes(url));
      ensure(page.status === 200 && unseen.length === 0, `status ${page.status}, not on the page: ${unseen}`);
    });
    await cases.run('suite/fapi-clients-push-and-bind', async () => {
      const { client: first, client2: second } = read('fapi2');
      const { application, DPoP, answered } = await pushed(await keyed(make, first, CALLBACK), somebody());
      const tokens = await application.redeem(answered, {}, { DPoP });
      ensure(tokens.token_type === 'dpop', `token_type is ${tokens.token_type}`);
      // openid-client redeems no code of a redirect URI with parameters.
      const other = await pushed(await keyed(make, second, `${CALLBACK}?dummy1=lorem&dummy2=ipsum`), somebody());
      const { searchParams } = other.answered.answer;
      ensure(searchParams.get('code') && searchParams.get('dummy1') === 'lorem' && searchParams.get('dummy2') === 'ipsum', `${searchParams}`);
    });
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => { child.on('exit', resolve); });
  }
}

async function start(root, scratch, tls) {
  const folder = join(scratch, 'suite');
  mkdirSync(folder);
  const named = { 'ca.pem': ['authority.pem', 'believed.pem'], 'tls.pem': ['server.pem'], 'tls.key': ['server.key'] };
  for (const [from, names] of Object.entries(named)) for (const to of names) copyFileSync(join(tls, from), join(folder, to));
  const port = await freePorts(2);
  const child = spawn(process.execPath, [
    join(root, 'interop', 'conformance.mjs'), '--suite', SUITE, '--alias', 'interop', '--port', `${port}`, '--folder', folder,
  ], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (data) => { complaints += data; });
  const said = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, value] = line.split(/: (.*)/);
    said[name] = value;
    if (name === 'rotate the keys') return { child, said };
  }
  throw new Error(complaints.trim().slice(-500));
}

/** Registers an application as the suite does; `wanted`: what the suite's file says of it. */
async function registered(issuer, wanted, extra) {
  const made = await client.dynamicClientRegistration(new URL(issuer), {
    client_name: wanted.client_name, redirect_uris: [CALLBACK], response_types: ['code'], token_endpoint_auth_method: 'client_secret_basic',
    post_logout_redirect_uris: [`${SUITE}/test/a/interop/post_logout_redirect`], ...extra,
  }, undefined, { initialAccessToken: wanted.initial_access_token });
  return made.clientMetadata();
}

/** As the suite does: it knows nothing of PKCE unless a module is about it. */
async function withoutPkce(application, browser) {
  const request = await application.request({ scope: 'openid' });
  for (const name of ['code_challenge', 'code_challenge_method']) request.url.searchParams.delete(name);
  const answered = await application.carry(browser, { ...request, verifier: undefined });
  const tokens = await application.redeem(answered);
  ensure(tokens.claims.sub, 'no sub');
}

async function keyed(make, { client_id, jwks }, callback) {
  const [jwk] = jwks.keys;
  const key = { key: await importJWK(jwk, jwk.alg), kid: jwk.kid };
  return make({
    client_id, redirect_uris: [callback], token_endpoint_auth_method: 'private_key_jwt', id_token_signed_response_alg: 'ES256',
  }, key);
}

async function pushed(application, browser) {
  const DPoP = client.getDPoPHandle(application.config, await client.randomDPoPKeyPair());
  return { application, DPoP, answered: await application.carry(browser, await application.pushed({}, { DPoP })) };
}
