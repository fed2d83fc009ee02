// npm oidc-provider: upstream provider of Symbolon, and control for the judge of applications.

import { once } from 'node:events';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const GROUPS = ['Wiki Admins', 'Everybody'];

/** Clients may be added while it runs: `clients` is read anew for each of them. */
export async function startProvider(port, clients) {
  const issuer = `http://127.0.0.1:${port}`;
  // It explains its development shortcuts at length; they are what we want here.
  console.warn = () => {};
  console.info = () => {};
  const provider = new Provider(issuer, {
    clients: clients.map((client) => ({ grant_types: ['authorization_code'], response_types: ['code'], ...client })),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username', 'department', 'groups'],
    },
    conformIdTokenClaims: false,
    cookies: { keys: ['interop'] },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id, email: `${id}@contoso.example`, email_verified: true, name: `${id} of Contoso`,
        preferred_username: `${id}@contoso.example`, department: 'Engineering', groups: GROUPS,
      }),
    }),
    pkce: { required: () => true },
    // Symbolon's keys are on loopback, where its own guard (the dispatcher) would not go.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  });
  const seen = [];
  provider.on('grant.error', (_, error) => seen.push(`${error.error} ${error.error_description} ${error.error_detail ?? ''}`));
  provider.on('server_error', (_, error) => seen.push(`server_error ${error.stack}`));
  const server = createServer(provider.callback()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { issuer, seen, stop: () => { server.closeAllConnections(); server.close(); } };
}
