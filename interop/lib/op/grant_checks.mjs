// What comes after the code flow, or without it: refresh, introspection, revocation, client credentials, devices,
// registration, access tokens for an API.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';

import { plain } from '../browser.mjs';
import { ensure, reason } from '../cases.mjs';
import { Application, refused, refusedAs } from './application.mjs';
import { CALLBACK, DEVICE, OFFLINE, RESOURCE } from './registrations.mjs';

export const GRANTS = [
  { number: 4, name: 'introspection', act: introspection },
  { number: 5, name: 'refresh', act: refresh },
  { number: 13, name: 'client-credentials', act: clientCredentials },
  { number: 14, name: 'device-authorization', act: deviceAuthorization },
  { number: 15, name: 'revocation', act: revocation },
  { number: 16, name: 'dynamic-registration', act: registration },
  { number: 34, name: 'device-flow-to-the-end', act: deviceFlow },
  { number: 35, name: 'device-flow-denied-by-the-person', act: deviceDenied },
  { number: 36, name: 'refresh-reuse-ends-the-family', act: reuse },
  { number: 37, name: 'refresh-by-another-application-is-invalid-grant', act: foreignRefresh },
  { number: 38, name: 'refresh-token-revoked', act: revokedRefresh },
  { number: 39, name: 'resource-gives-a-jwt-access-token', act: resourceToken },
  { number: 40, name: 'client-credentials-for-a-resource', act: resourceCredentials },
  { number: 41, name: 'token-of-a-resource-is-none-of-userinfo', act: resourceAtUserinfo },
];

async function introspection(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser);
  const answer = await client.tokenIntrospection(application.config, tokens.access_token);
  ensure(answer.active, 'inactive');
  ensure(answer.client_id === application.registration.client_id && answer.sub === tokens.claims.sub, JSON.stringify(answer));
  ensure(!await application.isActive('unknown'), 'an unknown token is active');
  const nobody = await fetch((await trial.metadata()).introspection_endpoint, {
    method: 'POST', body: new URLSearchParams({ token: tokens.access_token }),
  });
  ensure(nobody.status >= 400, `without authentication: ${nobody.status}`);
}

async function refresh(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser, OFFLINE);
  ensure(tokens.refresh_token, 'no refresh token');
  const next = await application.refresh(tokens.refresh_token);
  ensure(next.access_token !== tokens.access_token, 'the same access token');
  if (next.claims()) ensure(next.claims().sub === tokens.claims.sub, 'another sub');
  await client.fetchUserInfo(application.config, next.access_token, tokens.claims.sub);
}

async function clientCredentials(trial) {
  const application = await trial.application('judge');
  const tokens = await client.clientCredentialsGrant(application.config);
  const answer = await client.tokenIntrospection(application.config, tokens.access_token);
  ensure(answer.active && answer.client_id === application.registration.client_id, JSON.stringify(answer));
  ensure(!tokens.refresh_token && !tokens.id_token, 'more than an access token');
}

async function deviceAuthorization(trial) {
  const { config } = await trial.application('judge');
  const begun = await client.initiateDeviceAuthorization(config, { scope: 'openid email' });
  ensure(begun.user_code && begun.verification_uri && begun.expires_in > 0, JSON.stringify(begun));
  await refusedAs('authorization_pending', askForDevice(trial, begun));
}

/** One question for the tokens, where openid-client would ask again and again. */
async function askForDevice(trial, { device_code }) {
  const { config } = await trial.application('judge');
  return client.genericGrantRequest(config, DEVICE, { device_code });
}

async function atDevicePage(trial, pressed, member) {
  const { config } = await trial.application('judge');
  const begun = await client.initiateDeviceAuthorization(config, { scope: 'openid email' });
  const browser = trial.somebody(pressed);
  if (member === 'verification_uri') browser.typed.user_code = begun.user_code;
  const page = await browser.walk(begun[member], { connector: trial.connector });
  return { begun, page, config };
}

async function deviceFlow(trial) {
  const { begun, page, config } = await atDevicePage(trial, trial.buttons.allow, 'verification_uri');
  ensure(page.status < 400, `the page says ${page.status}: ${plain(page.body)}`);
  const tokens = await client.pollDeviceAuthorizationGrant(config, { ...begun, interval: 1 });
  const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  ensure(info.email === 'alice@contoso.example', `email is ${info.email}`);
  await refusedAs(['invalid_grant', 'expired_token'], askForDevice(trial, begun));
}

async function deviceDenied(trial) {
  const { begun } = await atDevicePage(trial, trial.buttons.deny, 'verification_uri_complete');
  await refusedAs('access_denied', askForDevice(trial, begun));
}

async function revocation(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser);
  await client.tokenRevocation(application.config, tokens.access_token);
  ensure(!await application.isActive(tokens.access_token), 'still active');
  await refused(client.fetchUserInfo(application.config, tokens.access_token, tokens.claims.sub));
}

async function revokedRefresh(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser, OFFLINE);
  await client.tokenRevocation(application.config, tokens.refresh_token);
  await refusedAs('invalid_grant', application.refresh(tokens.refresh_token));
}

async function registration(trial) {
  const metadata = { client_name: 'Made by the judge', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_basic' };
  const config = await client.dynamicClientRegistration(new URL(trial.issuer), metadata, undefined, {
    execute: [client.allowInsecureRequests], initialAccessToken: trial.initialAccessToken,
  });
  const made = config.clientMetadata();
  const application = await new Application({ issuer: trial.issuer, registration: made, connector: trial.connector }).discover();
  await application.signIn(trial.browser);
  const manage = (method) => fetch(made.registration_client_uri, {
    method, headers: { authorization: `Bearer ${made.registration_access_token}` },
  });
  const read = await manage('GET');
  ensure(read.status === 200 && (await read.json()).client_id === made.client_id, `GET: ${read.status}`);
  const removed = await manage('DELETE');
  ensure(removed.status === 204, `DELETE: ${removed.status}`);
  await refused(application.signIn(trial.browser));
  const stranger = client.dynamicClientRegistration(new URL(trial.issuer), metadata, undefined, { execute: [client.allowInsecureRequests] });
  const error = await refused(stranger);
  ensure(error.status === 401 || ['invalid_token', 'invalid_request'].includes(error.error), `without initial token: ${reason(error)}`);
}

async function reuse(trial) {
  const application = await trial.application('public');
  const first = (await application.signIn(trial.browser, OFFLINE)).refresh_token;
  ensure(first, 'no refresh token');
  const second = (await application.refresh(first)).refresh_token;
  ensure(second && second !== first, 'the token of a public application is not rotated');
  const third = (await application.refresh(second)).refresh_token;
  // The first is over for good: its successor has been used too.
  await refusedAs('invalid_grant', application.refresh(first));
  await refusedAs('invalid_grant', application.refresh(third));
}

async function foreignRefresh(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser, OFFLINE);
  await refusedAs('invalid_grant', (await trial.application('other')).refresh(tokens.refresh_token));
}

/** RFC 9068: what an API checks of an access token. */
async function verified(trial, token) {
  const metadata = await trial.metadata();
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(metadata.jwks_uri)), {
    issuer: trial.issuer, audience: RESOURCE, typ: 'at+jwt', requiredClaims: ['exp', 'sub', 'client_id', 'iat', 'jti'],
  });
  ensure(payload.client_id === (await trial.application('judge')).registration.client_id, `client_id is ${payload.client_id}`);
  return payload;
}

async function tokensOfResource(trial) {
  const application = await trial.application('judge');
  return application.signIn(trial.browser, { resource: RESOURCE }, {}, { body: { resource: RESOURCE } });
}

async function resourceToken(trial) {
  const tokens = await tokensOfResource(trial);
  const payload = await verified(trial, tokens.access_token);
  ensure(payload.sub === tokens.claims.sub, 'the API sees another sub');
}

async function resourceCredentials(trial) {
  const { config } = await trial.application('judge');
  const tokens = await client.clientCredentialsGrant(config, { resource: RESOURCE });
  await verified(trial, tokens.access_token);
  await refusedAs('invalid_target', client.clientCredentialsGrant(config, { resource: 'https://unknown.example/' }));
}

async function resourceAtUserinfo(trial) {
  const application = await trial.application('judge');
  const tokens = await tokensOfResource(trial);
  const error = await refused(client.fetchUserInfo(application.config, tokens.access_token, tokens.claims.sub));
  ensure(['invalid_token', 'insufficient_scope'].includes(error.error), reason(error));
}
