// Symbolon's own connector against the mock that MSAL has judged: each credential, groups, profile fields.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Browser, plain } from './browser.mjs';
import { ensure } from './cases.mjs';
import { ADMINS, CONTOSO, VIEWERS } from './fake_entra.mjs';

export const TENANT = 'directory';
const SECRET = 'Abc8Q~symbolon.secret-0123456789';
const SYNC_FIELDS = 'email,name,department,job_title,office';

/** One connector a credential, and a person of its own each: an e-mail address belongs to one user. */
const CONNECTORS = {
  secret: { clientId: '3a4e0007-0001-4222-8333-444444444444', person: 'alice', role: 'admin', method: 'client_secret_post' },
  certificate: { clientId: '3a4e0007-0002-4222-8333-444444444444', person: 'bob', role: 'viewer', method: 'certificate' },
  federated: { clientId: '3a4e0007-0003-4222-8333-444444444444', person: 'carol', role: 'viewer', method: 'federated' },
};

const RULES = {
  sync_fields: SYNC_FIELDS.split(','),
  attributes: [
    { from: ['mail', 'email'], to: 'email' },
    { from: ['displayName', 'name'], to: 'display_name' },
    { from: 'department', to: 'metadata.department' },
  ],
  assign_role_by_group: true,
  group_roles: [
    { group: ADMINS, label: 'Noxys Admins', role: 'admin' },
    { group: VIEWERS, label: 'Noxys Viewers', role: 'viewer' },
  ],
  default_role: null,
};

/** Runs the cases; `redirectUri` is the application's. */
export async function entraConnector(cases, symbolon, entra, redirectUri) {
  const world = { symbolon, entra, redirectUri };
  const secret = await cases.run('entra/tenant-with-an-application', async () => {
    await symbolon.createTenant(TENANT);
    return symbolon.createApplication(TENANT, 'judge', redirectUri);
  });
  if (!secret) return;
  await cases.run('entra/wrong-secret-is-named-and-not-enabled', () => wrongSecret(world));
  for (const id of Object.keys(CONNECTORS)) {
    const ready = await cases.run(`entra/test-then-enable-by-${id}`, () => connect(world, id));
    if (ready) await cases.run(`entra/sign-in-by-${id}`, () => signIn(world, id, secret));
  }
  await cases.run('entra/status-counts-the-sign-in', async () => {
    const status = JSON.parse(await symbolon.cli('connector', 'status', TENANT, 'secret', '--json'));
    ensure(status.provider === 'Microsoft Entra ID' && status.status === 'Connected', `${status.provider} is ${status.status}`);
    ensure(status.users_synced === 1, `users_synced is ${status.users_synced}`);
  });
}

async function create({ symbolon }, id, clientId, credential) {
  await symbolon.cli('connector', 'create', TENANT, id, '--kind', 'entra', '--tenant-id', CONTOSO, '--cloud', 'mock',
    '--client-id', clientId, '--auto-provision', '--sync-fields', SYNC_FIELDS, ...credential);
}

function register({ symbolon, entra }, id, credential) {
  return entra.tell({
    register: {
      directory: CONTOSO,
      application: {
        client_id: CONNECTORS[id].clientId, redirect_uris: [symbolon.callback(TENANT, id)],
        optional_claims: ['email', 'groups', 'acct', 'sid', 'login_hint'],
        application_permissions: ['User.Read.All', 'GroupMember.Read.All'],
        ...credential,
      },
    },
  });
}

async function wrongSecret(world) {
  const { symbolon } = world;
  await register(world, 'secret', { secrets: [{ value: SECRET }] });
  const file = symbolon.keep('wrong.entra-secret', `${SECRET}x`);
  await create(world, 'wrong', CONNECTORS.secret.clientId, ['--client-secret-file', file]);
  const refused = async (...args) => {
    try {
      return `accepted: ${await symbolon.cli(...args)}`;
    } catch (error) {
      return error.message;
    }
  };
  const report = await refused('connector', 'test', TENANT, 'wrong');
  ensure(report.includes('ended with 1') && report.includes('entra.secret_invalid'), report);
  const mode = await refused('connector', 'mode', TENANT, 'wrong', 'on');
  ensure(mode.includes('ended with'), mode);
}

/** As an admin does it: fill in, register at Microsoft, test the connection, enable. */
async function connect(world, id) {
  const { symbolon } = world;
  const { clientId } = CONNECTORS[id];
  const place = [TENANT, id];
  if (id === 'secret') {
    await create(world, id, clientId, ['--client-secret-file', symbolon.keep('entra-secret', SECRET)]);
  } else {
    await create(world, id, clientId, ['--client-authentication', id]);
  }
  if (id === 'certificate') {
    const { certificate } = JSON.parse(await symbolon.cli('connector', 'certificate', 'create', ...place, '--json'));
    await register(world, id, { certificates: [certificate] });
    await symbolon.cli('connector', 'certificate', 'activate', ...place);
  }
  if (id === 'federated') {
    const { issuer, subject } = JSON.parse(await symbolon.cli('connector', 'federated', ...place, '--json'));
    await register(world, id, { federated: [{ issuer, subject }] });
  }
  const report = await symbolon.cli('connector', 'test', ...place);
  ensure(report.includes('✓ Successfully connected to Entra ID'), report);
  const rules = join(symbolon.folder, `${id}.entra-rules.json`);
  writeFileSync(rules, JSON.stringify(RULES));
  await symbolon.cli('mapping', 'set', ...place, '--rules', rules);
  await symbolon.cli('connector', 'mode', ...place, 'on');
  return true;
}

async function signIn({ symbolon, entra, redirectUri }, id, secret) {
  const { person, role, method } = CONNECTORS[id];
  const hits = async () => (await entra.tell({ hits: 'graph' })).hits;
  const before = await hits();
  await entra.tell({ sign_in: person });
  const url = symbolon.authorizeUrl(TENANT, { redirectUri, scope: 'openid profile email roles' });
  const page = await new Browser().walk(url, { stop: redirectUri, connector: id });
  ensure(page.arrived, `stopped at ${page.url?.href} with ${page.status}: ${plain(page.body ?? '')}`);
  const answer = page.arrived.searchParams;
  ensure(answer.get('code'), `${answer.get('error')} ${answer.get('error_description')}`);
  const claims = await symbolon.redeem(TENANT, { secret, redirectUri, code: answer.get('code') });
  ensure(claims.email === `${person}@contoso.example`, `email is ${claims.email}`);
  ensure(claims.roles?.join() === role, `roles are ${claims.roles}`);
  ensure(claims.department === 'Engineering', `department is ${claims.department}`);
  const { method: seen } = await entra.tell('last_token');
  ensure(seen === method, `Symbolon proved itself by ${seen}`);
  ensure(await hits() > before, 'Graph was not asked');
}
