// All cases of `make interop`; see README.md. Called by run.sh, which installs and builds first.

import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { Applications } from './lib/applications.mjs';
import { Browser, plain } from './lib/browser.mjs';
import { Cases, ensure } from './lib/cases.mjs';
import { conformanceRecipe } from './lib/conformance_recipe.mjs';
import { entraConnector } from './lib/entra.mjs';
import { FakeEntra } from './lib/fake_entra.mjs';
import { MULTI, msal, prepare } from './lib/msal.mjs';
import { GROUPS, REALM_ROLES, startProvider } from './lib/oidc_provider.mjs';
import { answering, freePorts, start, stopAll } from './lib/processes.mjs';
import { samplePages } from './lib/sample_pages.mjs';
import { Saml, spidAgainst } from './lib/saml.mjs';
import { SymbolonSp } from './lib/symbolon_saml.mjs';
import { Symbolon } from './lib/symbolon.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice(7).split(',')
  ?? (process.argv.includes('--control') ? ['control', 'saml-control']
    : ['control', 'saml-control', 'msal', 'upstream', 'entra', 'saml', 'spid', 'application', 'apache', 'authlib', 'go', 'page', 'suite', 'chromium']);
const wants = (part) => only.includes(part);
/** The parts in which an application that others wrote meets Symbolon; `control` is all of them without it. */
const APPLICATIONS = ['application', 'apache', 'authlib', 'go', 'page'];
/** Where run.sh put an authority for this run, and what it vouches for. */
const tls = process.env.INTEROP_TLS;
const bin = process.env.SYMBOLON_BIN_DIR ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug');

const APPLICATION = 'http://127.0.0.1:9/callback';
const SECRET = 'interop-secret-of-the-control';
/** Connectors of the tenant `choice`: how Symbolon proves itself upstream, how the answer comes, and which groups are read. */
const CONNECTORS = {
  basic: { registration: { token_endpoint_auth_method: 'client_secret_basic' }, extra: [], groups: GROUPS },
  post: {
    registration: { token_endpoint_auth_method: 'client_secret_post' },
    extra: ['--client-authentication', 'client-secret-post', '--groups-claim', 'realm_access.roles'],
    groups: REALM_ROLES,
  },
  formpost: { registration: {}, extra: ['--form-post', '--groups-claim', ''], groups: [] },
  keyjwt: {
    registration: { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256' },
    extra: ['--client-authentication', 'private-key-jwt-es256'],
    groups: GROUPS,
  },
};

const cases = new Cases();
const scratch = mkdtempSync(join(tmpdir(), 'symbolon-interop-'));
chmodSync(scratch, 0o755);

async function main() {
  const [providerPort, symbolonPort] = [await freePorts(), await freePorts()];
  const entra = wants('msal') || wants('entra') ? await entraAndMsal() : undefined;
  const symbolon = new Symbolon({
    binary: join(bin, 'symbolon'), scratch, port: symbolonPort, authority: entra && join(tls, 'ca.pem'), entra: entra?.url,
  });
  const provider = await startProvider(providerPort, [
    ...Object.entries(CONNECTORS).map(([id, { registration }]) => upstreamClient(symbolon, 'choice', id, registration)),
    upstreamClient(symbolon, 'single', 'only', {}),
  ]);
  const applications = [...APPLICATIONS, 'control'].some(wants) ? await Applications.start(cases, scratch) : undefined;
  // What openid-client says of Symbolon counts beside what it says of the control in the same run.
  if (applications) await applications.control((part) => wants('control') || (part === 'application' && wants(part)));
  const saml = wants('saml-control') || wants('saml')
    ? await Saml.start(cases, { scratch, keycloak: process.env.INTEROP_KEYCLOAK }) : undefined;
  if (wants('saml-control')) await saml.control();
  const needsSymbolon = ['upstream', 'entra', 'saml', 'spid', ...APPLICATIONS, 'chromium'].some(wants);
  const secrets = needsSymbolon
    ? await cases.run('symbolon/set-up-by-command-line', () => setUp(symbolon, provider), { seconds: 300 }) : undefined;
  if (secrets) {
    if (wants('upstream')) await upstream(symbolon, provider, secrets);
    if (wants('entra') && entra) await entraConnector(cases, symbolon, entra, APPLICATION);
    const sp = new SymbolonSp(symbolon, APPLICATION);
    if (wants('saml')) await saml.symbolon(sp);
    if (wants('spid')) await spidAgainst(cases, sp);
    if (APPLICATIONS.some(wants)) await applications.symbolon(symbolon, wants);
    if (wants('chromium')) await chromium(symbolon);
  }
  applications?.close();
  if (wants('suite')) await conformanceRecipe(cases, () => new Browser(), { root, scratch, tls });
  provider.stop();
  entra?.stop();
}

/** One mock of Entra for both: first Microsoft's own library proves it, then Symbolon meets it. */
async function entraAndMsal() {
  const prepared = await prepare(tls);
  const entra = await cases.run('msal/mock-of-entra-comes-up', () => FakeEntra.start({
    binary: join(bin, 'fake_entra'), scratch, tls, applications: prepared.applications, visitors: [MULTI],
  }));
  if (entra && wants('msal')) await msal(cases, entra, prepared);
  prepared.issuer.stop();
  return entra;
}

function upstreamClient(symbolon, tenant, connector, registration) {
  const uses_key = registration.token_endpoint_auth_method === 'private_key_jwt';
  return {
    client_id: `symbolon-${connector}`,
    redirect_uris: [symbolon.callback(tenant, connector)],
    ...(uses_key ? { jwks_uri: `${symbolon.issuer(tenant)}/jwks` } : { client_secret: SECRET }),
    ...registration,
  };
}

async function setUp(symbolon, provider) {
  await symbolon.cli('migrate');
  for (const tenant of ['choice', 'single']) await symbolon.createTenant(tenant);
  for (const [id, { registration, extra }] of Object.entries(CONNECTORS)) {
    const secret = registration.token_endpoint_auth_method === 'private_key_jwt' ? undefined : SECRET;
    await symbolon.createConnector('choice', id, { issuer: provider.issuer, clientId: `symbolon-${id}`, secret, extra });
  }
  await symbolon.createConnector('single', 'only', { issuer: provider.issuer, clientId: 'symbolon-only', secret: SECRET });
  const release = [{ claim: 'groups', places: ['userinfo'] }];
  const secrets = { choice: await symbolon.createApplication('choice', 'judge', APPLICATION, { release }) };
  await symbolon.serve('single');
  return secrets;
}

/** Symbolon signs in through oidc-provider, each connector in its own way. */
async function upstream(symbolon, provider, secrets) {
  for (const [connector, { groups }] of Object.entries(CONNECTORS)) {
    provider.seen.length = 0;
    await cases.run(`upstream/oidc-provider-${connector}`, async () => {
      // A person of its own each: an e-mail address belongs to one user, whatever connector it came by.
      const browser = new Browser();
      browser.typed.login = connector;
      const page = await browser.walk(symbolon.authorizeUrl('choice', { redirectUri: APPLICATION }), { stop: APPLICATION, connector });
      ensure(page.arrived, `stopped at ${page.url?.href} with ${page.status}: ${plain(page.body ?? '')} ${provider.seen}`);
      const answer = page.arrived.searchParams;
      ensure(answer.get('code'), `${answer.get('error')} ${answer.get('error_description')} ${provider.seen}`);
      const person = await symbolon.redeem('choice', { secret: secrets.choice, redirectUri: APPLICATION, code: answer.get('code') });
      ensure(person.email === `${connector}@contoso.example`, `email is ${person.email}`);
      ensure(`${person.groups}` === `${groups}`, `groups are ${JSON.stringify(person.groups)}`);
    });
  }
}

/** A real Chromium walks the demo; the walker prints its own case lines. */
async function chromium(symbolon) {
  const base = await freePorts(4);
  const driverPort = await freePorts();
  const artefacts = join(root, 'artefacts');
  mkdirSync(artefacts, { recursive: true });
  await samplePages(cases, { root, scratch, artefacts });
  const ready = await cases.run('chromium/demo-comes-up', async () => {
    const demo = start(join(bin, 'symbolon'), ['demo', '--port-base', `${base}`], { cwd: scratch, log: join(scratch, 'demo.log') });
    for (const path of [`${base}/readyz`, `${base + 1}/`, `${base + 2}/`, `${base + 3}/`]) await answering(`http://127.0.0.1:${path}`, demo, 60);
    const driver = start('/usr/bin/chromedriver', [`--port=${driverPort}`], { log: join(scratch, 'chromedriver.log') });
    await answering(`http://127.0.0.1:${driverPort}/status`, driver);
    const request = await fetch(`http://127.0.0.1:${base + 2}/sign-in`, { redirect: 'manual' });
    ensure(request.status === 302, `the demo application answers ${request.status}`);
    return { issuer: request.headers.get('location').replace(/\/authorize\?.*$/, '') };
  });
  if (!ready) return;
  await new Promise((resolve) => {
    const walk = spawn(join(bin, 'symbolon-browser-walk'), [
      '--application', `http://127.0.0.1:${base + 2}`, '--issuer', ready.issuer, '--choice', symbolon.authorizeUrl('choice', { redirectUri: APPLICATION }),
      '--webdriver', `http://127.0.0.1:${driverPort}`, '--artefacts', artefacts, '--profiles', join(scratch, 'profiles'),
    ], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: walk.stdout }).on('line', (line) => {
      const [outcome, name, ...why] = line.split(' ');
      if (outcome === 'ok') cases.ok(name);
      else cases.fail(name, why.join(' '));
    });
    walk.on('error', (error) => { cases.fail('chromium/walk', error.message); resolve(); });
    walk.on('close', (code) => { if (code !== 0 && cases.failed === 0) cases.fail('chromium/walk', `ended with ${code}`); resolve(); });
  });
}

try {
  await main();
} catch (error) {
  cases.fail('run', error.stack.replace(/\s+/g, ' '));
} finally {
  await stopAll();
}
const code = cases.close();
if (code === 0) rmSync(scratch, { recursive: true, force: true });
else console.error(`logs of this run: ${scratch}`);
process.exit(code);
