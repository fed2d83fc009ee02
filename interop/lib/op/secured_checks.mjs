// Pushed and signed requests, keys instead of secrets, tokens bound to a key, and FAPI 2.0, which wants all of them.

import { decodeProtectedHeader, generateKeyPair } from 'jose';
import * as client from 'openid-client';

import { ensure, reason } from '../cases.mjs';
import { refused, refusedAs } from './application.mjs';
import { CALLBACK, OFFLINE } from './registrations.mjs';

export const SECURED = [
  { number: 8, name: 'pushed-request', act: pushed },
  { number: 9, name: 'dpop-code-flow-and-userinfo', act: dpop },
  { number: 42, name: 'pushed-request-belongs-to-its-application', act: foreignPushed },
  { number: 43, name: 'dpop-code-is-bound-to-the-key', act: dpopBoundCode },
  { number: 44, name: 'dpop-refresh-of-a-public-application-is-bound-to-the-key', act: dpopBoundRefresh },
  { number: 45, name: 'private-key-jwt', act: privateKeyJwt },
  { number: 46, name: 'private-key-jwt-by-jwks-uri', act: privateKeyJwtByUri },
  { number: 47, name: 'private-key-jwt-of-another-key-is-invalid-client', act: strangersKey },
  { number: 48, name: 'private-key-jwt-used-twice-is-invalid-client', act: assertionTwice },
  { number: 49, name: 'signed-request-object', act: requestObject },
  { number: 50, name: 'request-object-without-signature-is-refused', act: unsignedObject },
  { number: 51, name: 'id-token-by-es256', act: es256 },
  { number: 52, name: 'fapi2-pushed-keyed-bound', act: fapi },
  { number: 53, name: 'fapi2-without-pushing-is-refused', act: fapiUnpushed },
  { number: 54, name: 'fapi2-assertion-for-the-token-endpoint-is-invalid-client', act: fapiAudience },
  { number: 55, name: 'fapi2-without-dpop-is-refused', act: fapiUnbound },
];

async function pushed(trial) {
  const application = await trial.application('judge');
  const request = await application.pushed();
  ensure([...request.url.searchParams.keys()].sort().join(' ') === 'client_id request_uri', 'more than the reference');
  await application.redeem(await application.carry(trial.browser, request));
}

async function foreignPushed(trial) {
  const request = await (await trial.application('judge')).pushed();
  const other = await trial.application('other');
  request.url.searchParams.set('client_id', other.registration.client_id);
  const page = await trial.browser.walk(request.url, { stop: CALLBACK, connector: trial.connector });
  ensure(page.arrived ? page.arrived.searchParams.get('error') : page.status >= 400, 'another application got a code');
}

async function key(application) {
  return client.getDPoPHandle(application.config, await client.randomDPoPKeyPair());
}

async function dpop(trial) {
  const application = await trial.application('judge');
  const DPoP = await key(application);
  const tokens = await application.signIn(trial.browser, {}, {}, { DPoP });
  ensure(tokens.token_type === 'dpop', `token_type is ${tokens.token_type}`);
  await client.fetchUserInfo(application.config, tokens.access_token, tokens.claims.sub, { DPoP });
  const asBearer = await fetch((await trial.metadata()).userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  ensure(asBearer.status === 401, `as a bearer token: ${asBearer.status}`);
  const thief = await key(application);
  await refused(client.fetchUserInfo(application.config, tokens.access_token, tokens.claims.sub, { DPoP: thief }));
}

async function dpopBoundCode(trial) {
  const application = await trial.application('judge');
  const DPoP = await key(application);
  const request = await application.request({ dpop_jkt: await DPoP.calculateThumbprint() });
  const answered = await application.carry(trial.browser, request);
  await refusedAs(['invalid_grant', 'invalid_dpop_proof'], application.redeem(answered, {}, { DPoP: await key(application) }));
}

async function dpopBoundRefresh(trial) {
  const application = await trial.application('public');
  const DPoP = await key(application);
  const { refresh_token: token } = await application.signIn(trial.browser, OFFLINE, {}, { DPoP });
  ensure(token, 'no refresh token');
  const next = await application.refresh(token, { DPoP });
  const last = next.refresh_token ?? token;
  await refusedAs(['invalid_grant', 'invalid_dpop_proof'], application.refresh(last, { DPoP: await key(application) }));
}

async function privateKeyJwt(trial) { await (await trial.application('keyed')).signIn(trial.browser); }

async function privateKeyJwtByUri(trial) { await (await trial.application('by-uri')).signIn(trial.browser); }

async function strangersKey(trial) {
  const stranger = trial.make('keyed');
  const { privateKey } = await generateKeyPair('ES256');
  stranger.key = { ...stranger.key, key: privateKey };
  await stranger.discover();
  await refusedAs('invalid_client', stranger.signIn(trial.browser));
}

async function assertionTwice(trial) {
  const application = trial.make('keyed');
  await application.discover(application.authentication({
    [client.modifyAssertion]: (_, payload) => { payload.jti = 'the-same-again'; },
  }));
  await application.signIn(trial.browser);
  await refusedAs('invalid_client', application.signIn(trial.browser));
}

async function requestObject(trial) {
  const application = await trial.application('keyed');
  await application.redeem(await application.carry(trial.browser, await application.signed()));
}

async function unsignedObject(trial) {
  const application = await trial.application('keyed');
  const { parameters } = await application.parameters();
  const { client_id: id } = application.registration;
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const object = `${encode({ alg: 'none' })}.${encode({ ...parameters, response_type: 'code', client_id: id, iss: id, aud: trial.issuer })}.`;
  const url = new URL((await trial.metadata()).authorization_endpoint);
  url.search = new URLSearchParams({ client_id: id, response_type: 'code', scope: 'openid', redirect_uri: CALLBACK, request: object });
  const page = await trial.browser.walk(url, { stop: CALLBACK, connector: trial.connector });
  ensure(page.arrived ? page.arrived.searchParams.get('error') : page.status >= 400, 'an unsigned object was obeyed');
}

async function es256(trial) {
  const tokens = await (await trial.application('keyed')).signIn(trial.browser);
  const { alg, kid } = decodeProtectedHeader(tokens.id_token);
  ensure(alg === 'ES256' && kid, `alg ${alg}, kid ${kid}`);
}

async function fapiTokens(trial, extra = {}) {
  const application = await trial.application('fapi');
  const DPoP = await key(application);
  const answered = await application.carry(trial.browser, await application.pushed(extra, { DPoP }));
  ensure(answered.answer.searchParams.get('iss') === trial.issuer, 'no iss (RFC 9207)');
  return { application, DPoP, tokens: await application.redeem(answered, {}, { DPoP }) };
}

async function fapi(trial) {
  const { application, DPoP, tokens } = await fapiTokens(trial, OFFLINE);
  ensure(tokens.token_type === 'dpop', `token_type is ${tokens.token_type}`);
  await client.fetchUserInfo(application.config, tokens.access_token, tokens.claims.sub, { DPoP });
  const next = await application.refresh(tokens.refresh_token, { DPoP });
  ensure((next.refresh_token ?? tokens.refresh_token) === tokens.refresh_token, 'refresh tokens are rotated (FAPI 2.0 5.3.2.1)');
}

async function fapiUnpushed(trial) {
  const application = await trial.application('fapi');
  const { url } = await application.request();
  const page = await trial.browser.walk(url, { stop: CALLBACK, connector: trial.connector });
  ensure(page.arrived ? page.arrived.searchParams.get('error') : page.status >= 400, 'a request that was not pushed got a code');
}

async function fapiAudience(trial) {
  const application = trial.make('fapi');
  const { token_endpoint: endpoint } = await trial.metadata();
  await application.discover(application.authentication({ [client.modifyAssertion]: (_, payload) => { payload.aud = endpoint; } }));
  await refusedAs('invalid_client', application.pushed());
}

async function fapiUnbound(trial) {
  const application = await trial.application('fapi');
  const error = await refused((async () => application.redeem(await application.carry(trial.browser, await application.pushed())))());
  ensure(['invalid_request', 'invalid_grant', 'invalid_dpop_proof'].includes(error.error), reason(error));
}
