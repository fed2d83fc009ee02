// A Symbolon for the OpenID Foundation's conformance suite: behind TLS, with an upstream whose pages are plain forms,
// its applications registered, and the suite's configuration files written. Runs until it is told to stop.
// Usage: node interop/conformance.mjs [--suite https://localhost:8443] [--suite-certificate FILE] [--alias symbolon]
//                                    [--host localhost] [--port 9443] [--folder FOLDER]

import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { CHOICES, CHOICE_TENANT, CONNECTOR, TENANT, suiteApplications, writeConfigurations } from './lib/conformance.mjs';
import { startProvider } from './lib/oidc_provider.mjs';
import { run, stopAll } from './lib/processes.mjs';
import { Symbolon } from './lib/symbolon.mjs';
import { SCOPE, mappingRules } from './lib/whole_person.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = process.env.SYMBOLON_BIN_DIR ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug');
const UPSTREAM_SECRET = 'secret-of-the-upstream-of-the-suite';

const { values: given } = parseArgs({ options: {
  suite: { type: 'string', default: 'https://localhost:8443' }, 'suite-certificate': { type: 'string' },
  alias: { type: 'string', default: 'symbolon' }, host: { type: 'string', default: 'localhost' },
  port: { type: 'string', default: '9443' }, folder: { type: 'string' },
} });

/** An authority of our own and what it vouches for, in `folder`, unless they are there; gives what to believe. */
async function certificates(folder) {
  const file = (name) => join(folder, name);
  if (existsSync(file('server.pem'))) return file('believed.pem');
  const make = (name, ...options) => run('openssl', ['req', '-x509', '-nodes', '-days', '30', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
    '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), '-subj', `/CN=${name}`, ...options]);
  await make('authority');
  await make('server', '-CA', file('authority.pem'), '-CAkey', file('authority.key'),
    '-addext', `subjectAltName=DNS:${given.host}`, '-addext', 'basicConstraints=critical,CA:FALSE');
  const believed = file('believed.pem');
  const suite = given['suite-certificate'] ? readFileSync(given['suite-certificate'], 'utf8') : '';
  writeFileSync(believed, readFileSync(file('authority.pem'), 'utf8') + suite);
  return believed;
}

async function serve(folder) {
  const tls = { certificate: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  const port = Number(given.port);
  const symbolon = new Symbolon({
    binary: join(bin, 'symbolon'), scratch: folder, port, tls, host: given.host, authority: join(folder, 'believed.pem'),
  });
  const provider = await startProvider(port + 1, [{
    client_id: 'symbolon', client_secret: UPSTREAM_SECRET,
    redirect_uris: [symbolon.callback(TENANT, CONNECTOR), ...CHOICES.map((id) => symbolon.callback(CHOICE_TENANT, id))],
  }], { tls, host: given.host, wholePerson: true });
  await symbolon.cli('migrate');
  const connect = (tenant, id) => symbolon.createConnector(tenant, id, {
    issuer: provider.issuer, clientId: 'symbolon', secret: UPSTREAM_SECRET, scopes: SCOPE,
  });
  await symbolon.createTenant(TENANT);
  await connect(TENANT, CONNECTOR);
  await symbolon.setMapping(TENANT, CONNECTOR, mappingRules());
  await symbolon.createTenant(CHOICE_TENANT);
  for (const id of CHOICES) await connect(CHOICE_TENANT, id);
  const { metadata, keys } = await suiteApplications(given.suite, given.alias);
  const registered = {};
  for (const [id, one] of Object.entries(metadata)) registered[id] = await symbolon.register(TENANT, id, one);
  const token = await symbolon.initialAccessToken(TENANT);
  const issuer = symbolon.issuer(TENANT);
  const choice = { issuer: symbolon.issuer(CHOICE_TENANT), token: await symbolon.initialAccessToken(CHOICE_TENANT) };
  await symbolon.serve(TENANT);
  const files = writeConfigurations(folder, { issuer, upstream: provider.issuer, alias: given.alias, registered, keys, token, choice });
  console.log(`issuer: ${issuer}`);
  for (const [name, path] of Object.entries(files)) console.log(`${name}: ${path}`);
  console.log(`rotate the keys: ${symbolon.binary} --config ${symbolon.config} keys rotate ${TENANT}`);
}

// Node reads the authorities that it believes when it starts, so this starts twice.
if (process.env.SYMBOLON_SUITE_FOLDER) {
  const end = async (code) => { await stopAll(); process.exit(code); };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0));
  await serve(process.env.SYMBOLON_SUITE_FOLDER).catch((error) => { console.error(error.message); return end(1); });
} else {
  const folder = given.folder ?? mkdtempSync(join(tmpdir(), 'symbolon-suite-'));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const believed = await certificates(folder);
  const again = spawn(process.execPath, process.argv.slice(1), {
    stdio: 'inherit', env: {
      ...process.env, NODE_EXTRA_CA_CERTS: believed, SYMBOLON_SUITE_FOLDER: folder,
      // The suite registers an application a module, from one address, as fast as it can.
      SYMBOLON__RATE_LIMITS__REGISTRATION__PER_MINUTE: '0',
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => again.kill(signal));
  again.on('exit', (code) => process.exit(code ?? 1));
}
