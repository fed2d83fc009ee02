// The applications that the judge needs, as metadata of RFC 7591: the control takes them as they are, Symbolon by
// its command line (`symbolon.mjs`).

import { exportJWK, generateKeyPair } from 'jose';

/** Nobody listens at port 9: a browser that gets here has arrived. */
export const CALLBACK = 'http://127.0.0.1:9/callback';
/** The same on another host, for what depends on the host: a sector of pairwise subjects. */
const OTHER_CALLBACK = 'http://localhost:9/callback';
export const SIGNED_OUT = 'http://127.0.0.1:9/signed-out';
/** The API for which access tokens are asked by name (RFC 8707). */
export const RESOURCE = 'https://orders.contoso.example/';
export const SCOPE = 'openid profile email';
/** The consent is needed for `offline_access` (OpenID Core 11). */
export const OFFLINE = { scope: `${SCOPE} offline_access`, prompt: 'consent' };
export const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * Metadata of all applications by id, and the private keys of those that have one. `symbolon`: what RFC 7591 has no
 * word for, in the words of its settings.
 */
export async function registrations(receiver) {
  const keys = {};
  const jwks = async (id) => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    keys[id] = { key: privateKey, kid: `${id}-1` };
    return { keys: [{ ...await exportJWK(publicKey), kid: `${id}-1`, use: 'sig', alg: 'ES256' }] };
  };
  const secret = { token_endpoint_auth_method: 'client_secret_basic' };
  const keyed = { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256' };
  const nobody = { token_endpoint_auth_method: 'none' };
  const refreshing = { grant_types: ['authorization_code', 'refresh_token'], scope: OFFLINE.scope };
  receiver.jwks.set('by-uri', await jwks('by-uri'));
  const metadata = {
    judge: {
      ...secret, scope: refreshing.scope,
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE],
      post_logout_redirect_uris: [SIGNED_OUT],
      backchannel_logout_uri: receiver.logoutUri('judge'), backchannel_logout_session_required: true,
      symbolon: { resources: [{ identifier: RESOURCE }], service_scopes: ['orders.read'] },
    },
    other: { ...secret, ...refreshing },
    'by-post': { token_endpoint_auth_method: 'client_secret_post' },
    public: { ...nobody, ...refreshing },
    native: { ...nobody, application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'] },
    keyed: { ...keyed, jwks: await jwks('keyed'), id_token_signed_response_alg: 'ES256' },
    'by-uri': { ...keyed, jwks_uri: receiver.jwksUri('by-uri') },
    fapi: {
      ...keyed, ...refreshing, jwks: await jwks('fapi'), id_token_signed_response_alg: 'ES256',
      require_pushed_authorization_requests: true, dpop_bound_access_tokens: true, symbolon: { profile: 'fapi2' },
    },
    'pair-a': { ...secret, subject_type: 'pairwise' },
    'pair-b': { ...secret, subject_type: 'pairwise', redirect_uris: [OTHER_CALLBACK] },
    front: {
      // The frame must be on an origin of its redirect URIs (OpenID Front-Channel Logout 2).
      ...secret, redirect_uris: [CALLBACK, receiver.frontUri('front')], post_logout_redirect_uris: [SIGNED_OUT],
      frontchannel_logout_uri: receiver.frontUri('front'), frontchannel_logout_session_required: true,
    },
  };
  for (const one of Object.values(metadata)) one.redirect_uris ??= [CALLBACK];
  return { metadata, keys };
}
