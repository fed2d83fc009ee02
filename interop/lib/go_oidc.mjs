// go-oidc and golang.org/x/oauth2 as application; `../go-oidc` is the application, which run.sh builds.

import { ensure } from './cases.mjs';
import { CALLBACK, DEVICE, OFFLINE } from './op/registrations.mjs';
import { judgeSteps, tell } from './told_application.mjs';

const PROGRAM = process.env.INTEROP_GO_OIDC;

export const goMetadata = {
  'go-oidc': {
    redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_basic', scope: OFFLINE.scope,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE],
    symbolon: { service_scopes: ['orders.read'] },
  },
  'go-device': { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', grant_types: ['authorization_code', DEVICE] },
};

/** `stand`: one provider, see `applications.mjs`. */
export async function goOidc(cases, prefix, stand) {
  if (!PROGRAM) {
    cases.skip(prefix, 'there is no Go, or it could not build the application');
    return;
  }
  const steps = await cases.run(`${prefix}/code-pkce-and-id-token`, async () => {
    const registered = stand.registrations['go-oidc'];
    ensure(registered, 'its application could not be registered');
    const { client_id, client_secret } = registered;
    return tell(stand, PROGRAM, [], {
      issuer: stand.issuer, client_id, client_secret, device_id: 'go-device', redirect_uri: CALLBACK, prompt: OFFLINE.prompt, scopes: OFFLINE.scope.split(' '),
    });
  });
  await judgeSteps(cases, prefix, steps, {
    userinfo: ({ email }) => email === 'alice@contoso.example',
    refresh: ({ changed }) => changed,
    'client-credentials': ({ token, type }) => token && /^bearer$/i.test(type),
    device: ({ token }) => token,
  });
}
