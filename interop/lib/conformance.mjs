// What the OpenID Foundation's conformance suite needs to judge Symbolon: applications, and its configuration files.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { exportJWK, generateKeyPair } from 'jose';

import { OFFLINE } from './op/registrations.mjs';

export const TENANT = 'conformance';
export const CONNECTOR = 'upstream';
/** A tenant with two connectors: before it asks where to sign in, no page of ours is seen. */
export const CHOICE_TENANT = 'conformance-choice';
export const CHOICES = ['first', 'second'];
/** Scopes that the suite asks for. */
const SCOPE = 'openid profile email address phone offline_access';
/** The second redirect URI of FAPI has parameters of its own. */
const SECOND = '?dummy1=lorem&dummy2=ipsum';
/** Modules in which nobody gets to an application: the page has to name what is wrong, and is kept as a picture. */
const ERROR_PAGES = {
  'oidcc-ensure-registered-redirect-uri': 'redirect_uri',
  'oidcc-ensure-redirect-uri-in-authorization-request': 'redirect_uri',
  'oidcc-redirect-uri-query-added': 'redirect_uri',
  'oidcc-redirect-uri-query-mismatch': 'redirect_uri',
  'oidcc-rp-initiated-logout-bad-post-logout-redirect-uri': 'post_logout_redirect_uri',
  'oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri': 'post_logout_redirect_uri',
  'oidcc-rp-initiated-logout-modified-id-token-hint': 'id_token_hint',
  'oidcc-rp-initiated-logout-bad-id-token-hint': 'id_token_hint',
};
/** The same of FAPI 2.0: the page that refuses a request_uri. */
const REFUSED_REQUEST_URIS = ['par-attempt-to-use-expired-request_uri', 'par-attempt-to-use-request_uri-for-different-client'];
const FAPI = 'fapi2-security-profile-final';
/** Modules that end on a page of ours, in their own words, which is kept as a picture. */
const SIGNED_OUT_PAGES = {
  'oidcc-rp-initiated-logout-no-params': 'signed out', 'oidcc-rp-initiated-logout-only-state': 'signed out',
  'oidcc-rp-initiated-logout-no-post-logout-redirect-uri': 'signed out', 'oidcc-rp-initiated-logout-no-id-token-hint': 'Sign out',
};
/** Modules that want a picture of the login page, and what an application has told to be shown on it. */
const LOGIN_PAGES = {
  'oidcc-registration-logo-uri': 'logo', 'oidcc-registration-policy-uri': 'How it uses what it learns',
  'oidcc-registration-tos-uri': 'Its terms of service',
};
/** Modules that want a picture of the second sign-in. */
const SECOND_SIGN_IN = ['oidcc-prompt-login', 'oidcc-max-age-1'];

/** Metadata of the applications that stand in the configuration files, and their private keys. */
export async function suiteApplications(suite, alias) {
  const at = (path) => `${suite}/test/a/${alias}/${path}`;
  const keys = {};
  const jwks = async (id) => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const common = { kid: id, use: 'sig', alg: 'ES256' };
    keys[id] = { keys: [{ ...await exportJWK(privateKey), ...common }] };
    return { keys: [{ ...await exportJWK(publicKey), ...common }] };
  };
  const secret = (method) => ({
    token_endpoint_auth_method: method, redirect_uris: [at('callback')], scope: SCOPE, grant_types: ['authorization_code', 'refresh_token'],
    post_logout_redirect_uris: [at('post_logout_redirect')],
    // The suite's clients of these plans know nothing of PKCE.
    symbolon: { require_pkce: false },
  });
  const fapi = async (id, suffix) => ({
    ...secret('private_key_jwt'), redirect_uris: [at(`callback${suffix}`)], jwks: await jwks(id), id_token_signed_response_alg: 'ES256',
    require_pushed_authorization_requests: true, dpop_bound_access_tokens: true, symbolon: { profile: 'fapi2' },
  });
  const told = { backchannel_logout_uri: at('backchannel_logout'), backchannel_logout_session_required: true };
  const framed = { frontchannel_logout_uri: at('frontchannel_logout'), frontchannel_logout_session_required: true };
  const metadata = {
    client: secret('client_secret_basic'), client2: secret('client_secret_basic'), client_secret_post: secret('client_secret_post'),
    'client-backchannel': { ...secret('client_secret_basic'), ...told }, 'client-frontchannel': { ...secret('client_secret_basic'), ...framed },
    'client-fapi': await fapi('client-fapi', ''), 'client-fapi2': await fapi('client-fapi2', SECOND),
  };
  return { metadata, keys };
}

/**
 * Writes the suite's files; gives their paths by plan. `world`: issuer, upstream, alias, registered, keys, token;
 * `choice`: issuer and token of the tenant with two connectors.
 */
export function writeConfigurations(folder, world) {
  const { registered, keys, token, issuer, choice } = world;
  const named = (id) => ({ client_id: registered[id].client_id, client_secret: registered[id].client_secret });
  const keyed = (id) => ({ client_id: registered[id].client_id, scope: OFFLINE.scope, jwks: keys[id], dpop_signing_alg: 'ES256' });
  const register = (client_name, initial_access_token = token) => ({ client_name, initial_access_token });
  const server = (at) => ({ discoveryUrl: `${at}/.well-known/openid-configuration` });
  const common = { alias: world.alias, server: server(issuer), ...automation(world) };
  const files = {
    static: { client: named('client'), client2: named('client2'), client_secret_post: named('client_secret_post') },
    backchannel: { client: named('client-backchannel') },
    frontchannel: { client: named('client-frontchannel') },
    dynamic: { client: register('first'), client2: register('second') },
    choice: { client: register('first', choice.token), server: server(choice.issuer), ...atTheLoginPage(choice.issuer) },
    fapi2: { client: keyed('client-fapi'), client2: keyed('client-fapi2'), resource: { resourceUrl: `${issuer}/userinfo` } },
  };
  return Object.fromEntries(Object.entries(files).map(([name, file]) => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, `${JSON.stringify({ ...common, description: `Symbolon, ${name}`, ...file }, null, 2)}\n`, { mode: 0o600 });
    return [name, path];
  }));
}

/** A step that keeps the page as a picture once these words are on it. */
const picture = (words, kind = 'update-image-placeholder') => ['wait', 'xpath', '//*', 10, words, kind];

/** What the suite's browser does where only the login page matters. */
function atTheLoginPage(issuer) {
  const seen = (words) => [{ match: `${issuer}/authorize*`, tasks: [
    { task: 'The login page shows it', match: `${issuer}/*`, commands: [picture(words)] },
  ] }];
  const modules = Object.entries(LOGIN_PAGES).map(([module, words]) => [module, { browser: seen(words) }]);
  return { browser: seen('Sign in'), override: Object.fromEntries(modules) };
}

/** What the suite's browser does on our pages and on those of the upstream. */
function automation({ issuer, upstream }) {
  const task = (name, match, ...commands) => ({ task: name, match, optional: true, commands });
  const back = (path) => ({ task: 'Back at the suite', match: `*/test/*/${path}*`, ...(path === 'callback' ? { commands: [['wait', 'id', 'submission_complete', 10]] } : {}) });
  const through = (...first) => [
    task('Choose the upstream', `${issuer}/authorize*`, ['click', 'id', `connector-${CONNECTOR}`, 'optional']),
    task('Sign in', `${upstream}/interaction*`, ...first, ['text', 'name', 'login', 'alice', 'optional'],
      ['text', 'name', 'password', 'any', 'optional'], ['click', 'class', 'login-submit']),
    task('Agree upstream', `${upstream}/interaction*`, ['click', 'class', 'login-submit']),
    task('Agree', `${issuer}/consent*`, ['click', 'id', 'allow', 'optional']),
    back('callback'),
  ];
  const at = (path, tasks) => ({ match: `${issuer}/${path}*`, tasks });
  // The first visit to a page like that; the next one is another entry's.
  const first = (path, tasks) => ({ ...at(path, tasks), 'match-limit': 1 });
  const only = (...browser) => ({ browser });
  const leave = [task('Confirm', `${issuer}/*`, ['click', 'id', 'sign-out', 'optional']), back('post_logout_redirect')];
  const errors = Object.entries(ERROR_PAGES).map(([module, words]) => {
    const shows = (path) => at(path, [{ task: 'The page says what is wrong', match: `${issuer}/*`, commands: [picture(words)] }]);
    return [module, words === 'redirect_uri' ? only(shows('authorize')) : only(at('authorize', through()), shows('end_session'))];
  });
  const refused = at('authorize', [{ task: 'The page says what is wrong', match: `${issuer}/*`, commands: [picture('request_uri')] }]);
  const seen = [{ task: 'See where to sign in', match: `${upstream}/interaction*`, commands: [['wait', 'name', 'login', 10]] }];
  const fapi = {
    ...Object.fromEntries(REFUSED_REQUEST_URIS.map((module) => [`${FAPI}-${module}`, only(refused)])),
    [`${FAPI}-par-attempt-reuse-request_uri`]: only(first('authorize', through()), refused),
    [`${FAPI}-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds`]: only(first('authorize', seen), at('authorize', through())),
  };
  const ends = Object.entries(SIGNED_OUT_PAGES).map(([module, words]) => {
    const leaving = words === 'Sign out' ? [] : [task('Confirm', `${issuer}/*`, ['click', 'id', 'sign-out', 'optional'])];
    const seen = { task: 'The page that was wanted', match: `${issuer}/*`, commands: [picture(words)] };
    return [module, only(at('authorize', through()), at('end_session', [...leaving, seen]))];
  });
  const seconds = SECOND_SIGN_IN.map((module) => [module, only(at('authorize', through(picture('Sign-in', 'update-image-placeholder-optional'))))]);
  const refusal = [task('Choose the upstream', `${issuer}/authorize*`, ['click', 'id', `connector-${CONNECTOR}`, 'optional']),
    task('Cancel', `${upstream}/interaction*`, ['click', 'xpath', '//a[contains(@href, "/abort")]']), back('callback')];
  return {
    browser: [at('authorize', through()), at('end_session', leave)],
    override: {
      ...Object.fromEntries([...errors, ...ends, ...seconds]),
      ...fapi,
      [`${FAPI}-user-rejects-authentication`]: only(at('authorize', refusal)),
    },
  };
}
