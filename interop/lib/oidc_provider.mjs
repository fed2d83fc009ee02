// npm oidc-provider: upstream provider of Symbolon, and control for the judge of applications.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import { Provider, errors } from 'oidc-provider';

import { RESOURCE } from './op/registrations.mjs';
import { CLAIMS, CONTEXTS, claimsOf, reachContexts } from './whole_person.mjs';

/** What everybody is in there, and the roles that it states as Keycloak does: within another claim. */
export const GROUPS = ['Wiki Admins', 'Everybody'];
export const REALM_ROLES = ['wiki-editor'];
/** Scopes, and which claims they bring. */
const OF_CONTOSO = {
  email: ['email', 'email_verified'],
  profile: ['name', 'preferred_username', 'department', 'groups', 'realm_access'],
};
/** The token that lets the judge register an application. */
export const INITIAL_ACCESS_TOKEN = 'initial-access-token-of-the-control';
/** What a person presses on its pages. */
export const BUTTONS = { allow: [], deny: [{ name: 'abort', value: 'yes' }], signOut: [{ name: 'logout', value: 'yes' }] };

/**
 * A provider with all that the judge asks for switched on, as far as it has it. `takesPosts`: requests may come by a
 * form, for which its cookies give up what a real browser wants of them on plain http. `tls`: files `certificate` and
 * `key` for `host`. `wholePerson`: it tells every standard claim and how a person was proved.
 */
export async function startProvider(port, clients, { takesPosts = false, tls, host = '127.0.0.1', wholePerson = false } = {}) {
  const issuer = `${tls ? 'https' : 'http'}://${host}:${port}`;
  // It explains its development shortcuts at length; they are what we want here.
  console.warn = () => {};
  console.info = () => {};
  const provider = new Provider(issuer, {
    clients: clients.map((client) => ({ grant_types: ['authorization_code'], response_types: ['code'], ...client })),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    clientBasedCORS: (_, origin, client) => client.redirectUris.some((uri) => new URL(uri).origin === origin),
    claims: { openid: ['sub'], ...(wholePerson ? CLAIMS : OF_CONTOSO) },
    ...(wholePerson ? { acrValues: CONTEXTS } : {}),
    conformIdTokenClaims: false,
    cookies: { keys: ['interop'], long: { sameSite: takesPosts ? 'none' : 'lax' } },
    enableHttpPostMethods: takesPosts,
    features: features(),
    findAccount: (_, id) => ({ accountId: id, claims: () => (wholePerson ? claimsOf(id) : ofContoso(id)) }),
    jwks: { keys: keys() },
    pairwiseIdentifier: (_, account, client) => createHash('sha256').update(`${client.sectorIdentifier} ${account}`).digest('hex'),
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', ...Object.keys(wholePerson ? CLAIMS : OF_CONTOSO)],
    subjectTypes: ['public', 'pairwise'],
    // The keys of applications are on loopback, where its own guard (the dispatcher) would not go.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  });
  if (wholePerson) reachContexts(provider);
  const seen = [];
  for (const event of ['grant', 'authorization', 'pushed_authorization_request', 'registration_create', 'backchannel']) {
    provider.on(`${event}.error`, (_, error) => seen.push(`${error.error ?? error} ${error.error_description ?? ''} ${error.error_detail ?? ''}`));
  }
  provider.on('server_error', (_, error) => seen.push(`server_error ${error.stack}`));
  const options = tls && { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) };
  const server = (tls ? createTlsServer(options, provider.callback()) : createServer(provider.callback())).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { issuer, seen, stop: () => { server.closeAllConnections(); server.close(); } };
}

function ofContoso(id) {
  return {
    sub: id, email: `${id}@contoso.example`, email_verified: true, name: `${id} of Contoso`,
    preferred_username: `${id}@contoso.example`, department: 'Engineering', groups: GROUPS, realm_access: { roles: REALM_ROLES },
  };
}

function features() {
  const enabled = true;
  return {
    backchannelLogout: { enabled },
    claimsParameter: { enabled },
    clientCredentials: { enabled },
    devInteractions: { enabled },
    deviceFlow: { enabled },
    fapi: { enabled, profile: (_, client) => (client?.clientId === 'fapi' ? '2.0' : undefined) },
    introspection: { enabled },
    registration: { enabled, initialAccessToken: INITIAL_ACCESS_TOKEN },
    registrationManagement: { enabled },
    requestObjects: { enabled },
    resourceIndicators: {
      enabled,
      getResourceServerInfo: (_, resource) => {
        if (resource !== RESOURCE) throw new errors.InvalidTarget();
        return { scope: '', audience: RESOURCE, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } };
      },
    },
    revocation: { enabled },
  };
}

/** Its signing keys, made for this run. */
function keys() {
  const made = [['rsa', { modulusLength: 2048 }, 'RS256'], ['ec', { namedCurve: 'P-256' }, 'ES256']];
  return made.map(([kind, options, alg]) => ({
    ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: alg,
  }));
}
