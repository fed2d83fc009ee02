// Microsoft's own library against the mock of Entra: it proves the mock, no Symbolon takes part.

import { X509Certificate, createPrivateKey, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node';

import { Browser } from './browser.mjs';
import { ensure, reason } from './cases.mjs';
import { CONTOSO, FABRIKAM } from './fake_entra.mjs';

const REDIRECT = 'http://127.0.0.1:9/msal';
const SECRET = 'Abc8Q~msal.secret-0123456789';
const EXPIRED = 'Abc8Q~msal.secret-of-last-year';
const SUBJECT = 'workload-of-interop';
const SINGLE = '3a4e0006-0001-4222-8333-444444444444';
export const MULTI = '3a4e0006-0002-4222-8333-444444444444';
const SCOPES = ['User.Read'];
const GRAPH = ['https://graph.microsoft.com/.default'];

/** An issuer of statements about a workload: discovery and keys on loopback. */
async function startIssuer() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = createServer((request, response) => {
    const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
    const answers = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/keys` },
      '/keys': { keys: [key] },
    };
    response.setHeader('content-type', 'application/json');
    response.statusCode = answers[request.url] ? 200 : 404;
    response.end(JSON.stringify(answers[request.url] ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const statement = (subject) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: subject, aud: 'api://AzureADTokenExchange', iat: now, exp: now + 300, jti: randomUUID() };
    const parts = [{ alg: 'RS256', typ: 'JWT', kid: 'one' }, claims];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  };
  return { issuer, statement, stop: () => { server.closeAllConnections(); server.close(); } };
}

/** What MSAL's cases need registered; to be given to the mock at its start. */
export async function prepare(tls) {
  const issuer = await startIssuer();
  const certificate = readFileSync(join(tls, 'msal.pem'), 'utf8');
  const common = { redirect_uris: [REDIRECT], application_permissions: ['User.Read.All'] };
  return {
    issuer,
    certificate,
    privateKey: readFileSync(join(tls, 'msal.key'), 'utf8'),
    applications: [
      {
        ...common, client_id: SINGLE, certificates: [certificate], federated: [{ issuer: issuer.issuer, subject: SUBJECT }],
        secrets: [{ value: SECRET }, { value: EXPIRED, ends_at: Math.floor(Date.now() / 1000) - 86400 }],
        optional_claims: ['email', 'groups', 'login_hint'],
      },
      { ...common, client_id: MULTI, multi_tenant: true, secrets: [{ value: SECRET }] },
    ],
  };
}

/** Runs MSAL's cases. */
export async function msal(cases, entra, prepared) {
  const by = (credential, { clientId = SINGLE, tenant = CONTOSO } = {}) => new ConfidentialClientApplication({
    auth: { clientId, authority: `${entra.url}/${tenant}`, knownAuthorities: [entra.host], ...credential },
    system: { disableInternalRetries: true },
  });
  const run = (name, act) => cases.run(`msal/${name}`, act);
  await credentials(run, entra, prepared, by);
  await people(run, entra, by);
  await directories(run, entra, by);
}

async function credentials(run, entra, prepared, by) {
  const token = async (credential) => {
    const tokens = await by(credential).acquireTokenByClientCredential({ scopes: GRAPH });
    ensure(tokens?.accessToken, 'there is no access token');
    return entra.tell('last_token');
  };
  const header = (form) => JSON.parse(Buffer.from(form.client_assertion.split('.')[0], 'base64url'));
  await run('token-by-secret', async () => {
    const { method } = await token({ clientSecret: SECRET });
    ensure(method === 'client_secret_post', `by ${method}`);
  });
  await run('token-by-certificate', async () => {
    const thumbprintSha256 = new X509Certificate(prepared.certificate).fingerprint256.replaceAll(':', '');
    const { method, form } = await token({ clientCertificate: { thumbprintSha256, privateKey: prepared.privateKey } });
    const { alg } = header(form);
    ensure(method === 'certificate' && alg === 'PS256' && header(form)['x5t#S256'], `by ${method}, ${alg}`);
  });
  await run('token-by-federated-assertion', async () => {
    const { method } = await token({ clientAssertion: async () => prepared.issuer.statement(SUBJECT) });
    ensure(method === 'federated', `by ${method}`);
  });
  const refused = (name, credential, number) => run(name, async () => {
    const error = await failure(token(credential));
    ensure(reason(error).includes(`AADSTS${number}`), reason(error));
    ensure(`${error.errorNo}` === `${number}`, `errorNo is ${error.errorNo}`);
  });
  await refused('wrong-secret-is-7000215', { clientSecret: `${SECRET}x` }, 7000215);
  await refused('expired-secret-is-7000222', { clientSecret: EXPIRED }, 7000222);
  await refused('assertion-about-somebody-else-is-70021', { clientAssertion: prepared.issuer.statement('another') }, 70021);
  await run('assertion-of-another-key-is-700027', async () => {
    const key = createPrivateKey(prepared.privateKey);
    const [head, claims] = prepared.issuer.statement(SUBJECT).split('.');
    const signature = createSign('RSA-SHA256').update(`${head}.${claims}`).sign(key, 'base64url');
    const error = await failure(token({ clientAssertion: `${head}.${claims}.${signature}` }));
    ensure(reason(error).includes('AADSTS700027'), reason(error));
  });
}

/** A code from the mock, for a person who is signed in without being asked. */
async function authorize(entra, application, person, extra = {}) {
  const crypto = new CryptoProvider();
  const { verifier, challenge } = await crypto.generatePkceCodes();
  const asked = { nonce: crypto.createNewGuid(), state: crypto.createNewGuid() };
  const url = await application.getAuthCodeUrl({
    scopes: SCOPES, redirectUri: REDIRECT, responseMode: 'query', codeChallenge: challenge, codeChallengeMethod: 'S256',
    ...asked, ...extra,
  });
  await entra.tell({ sign_in: person });
  const page = await new Browser().walk(url, { stop: REDIRECT });
  await entra.tell({ sign_in: null });
  if (!page.arrived) throw new Error(`stopped at ${page.url.href}: ${page.body.match(/AADSTS\d+/)?.[0] ?? page.status}`);
  const answer = page.arrived.searchParams;
  ensure(answer.get('state') === asked.state, 'another state came back');
  return { code: answer.get('code'), codeVerifier: verifier, nonce: asked.nonce, scopes: SCOPES, redirectUri: REDIRECT };
}

async function people(run, entra, by) {
  const application = by({ clientSecret: SECRET });
  const first = await run('code-with-pkce-and-nonce', async () => {
    const tokens = await application.acquireTokenByCode(await authorize(entra, application, 'alice'));
    ensure(tokens.accessToken && tokens.idToken && tokens.account, 'something is missing');
    return tokens;
  });
  if (!first) return;
  await run('claims-of-version-2', () => {
    const { tid, oid, preferred_username, iss, ver, groups } = first.idTokenClaims;
    ensure(tid === CONTOSO && first.tenantId === CONTOSO, `tid is ${tid}`);
    ensure(oid === first.uniqueId && first.account.homeAccountId === `${oid}.${tid}`, `oid is ${oid}`);
    ensure(preferred_username === 'alice@contoso.example' && first.account.username === preferred_username, preferred_username);
    ensure(iss === `${entra.url}/${CONTOSO}/v2.0` && ver === '2.0', `${iss} ${ver}`);
    ensure(groups?.length === 1, `groups are ${groups}`);
  });
  await run('graph-takes-the-access-token', async () => {
    const answer = await fetch(`${entra.url}/v1.0/me?$select=department,jobTitle`, { headers: { authorization: `Bearer ${first.accessToken}` } });
    const me = await answer.json();
    ensure(me.department === 'Engineering' && me.jobTitle === 'Security Engineer', JSON.stringify(me));
  });
  await run('silently-from-the-cache-then-by-refresh-token', async () => {
    const asked = { account: first.account, scopes: SCOPES };
    const cached = await application.acquireTokenSilent(asked);
    ensure(cached.fromCache && cached.accessToken === first.accessToken, 'the cache was not used');
    const fresh = await application.acquireTokenSilent({ ...asked, forceRefresh: true });
    ensure(!fresh.fromCache && fresh.accessToken !== first.accessToken, 'nothing was refreshed');
    ensure(fresh.idTokenClaims.oid === first.uniqueId, 'somebody else came back');
  });
  await run('another-nonce-is-refused', async () => {
    const answered = await authorize(entra, application, 'alice');
    const error = await failure(application.acquireTokenByCode({ ...answered, nonce: 'another' }));
    ensure(error.errorCode === 'nonce_mismatch', reason(error));
  });
  await run('wrong-verifier-is-501481', async () => {
    const answered = await authorize(entra, application, 'alice');
    const codeVerifier = (await new CryptoProvider().generatePkceCodes()).verifier;
    const error = await failure(application.acquireTokenByCode({ ...answered, codeVerifier }));
    ensure(`${error.errorNo}` === '501481', reason(error));
  });
  await run('logout-url-comes-back', async () => {
    const discovery = await fetch(`${entra.url}/${CONTOSO}/v2.0/.well-known/openid-configuration`);
    const url = new URL((await discovery.json()).end_session_endpoint);
    url.searchParams.set('post_logout_redirect_uri', REDIRECT);
    url.searchParams.set('logout_hint', first.idTokenClaims.login_hint ?? '');
    const page = await new Browser().walk(url, { stop: REDIRECT });
    ensure(page.arrived, `stopped at ${page.url?.href} with ${page.status}`);
  });
}

async function directories(run, entra, by) {
  await run('single-tenant-application-at-organizations-is-50194', async () => {
    const application = by({ clientSecret: SECRET }, { tenant: 'organizations' });
    const error = await failure(authorize(entra, application, 'alice'));
    ensure(error.message.includes('AADSTS50194'), reason(error));
  });
  await run('multi-tenant-application-at-organizations', async () => {
    const application = by({ clientSecret: SECRET }, { clientId: MULTI, tenant: 'organizations' });
    const tokens = await application.acquireTokenByCode(await authorize(entra, application, 'frank'));
    ensure(tokens.tenantId === FABRIKAM, `tid is ${tokens.tenantId}`);
    ensure(tokens.idTokenClaims.iss === `${entra.url}/${FABRIKAM}/v2.0`, `iss is ${tokens.idTokenClaims.iss}`);
  });
}

async function failure(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`accepted instead of refused: ${JSON.stringify(value).slice(0, 200)}`);
}
