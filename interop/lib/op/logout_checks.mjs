// The end of a session: begun by an application, told to the others.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';

import { plain, tags } from '../browser.mjs';
import { ensure } from '../cases.mjs';
import { refusedAs } from './application.mjs';
import { SIGNED_OUT } from './registrations.mjs';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

export const LOGOUT = [
  { number: 17, name: 'end-session-url', act: endSessionUrl },
  { number: 56, name: 'sign-out-by-the-application-with-state', act: signOut },
  { number: 57, name: 'sign-out-without-parameters', act: bareSignOut },
  { number: 58, name: 'sign-out-to-an-unknown-address-stays', act: unknownAddress },
  { number: 59, name: 'sign-out-with-a-forged-hint-stays', act: forgedHint },
  { number: 60, name: 'back-channel-logout-token', needs: 'backchannel_logout_supported', act: backChannel },
  { number: 61, name: 'front-channel-frame-and-return', needs: 'frontchannel_logout_supported', act: frontChannel },
];

async function endSessionUrl(trial) {
  const { config } = await trial.application('judge');
  const url = client.buildEndSessionUrl(config, { post_logout_redirect_uri: SIGNED_OUT, state: 'x' });
  ensure(url.searchParams.get('client_id') === 'judge' && url.href.startsWith(trial.issuer), url.href);
}

/** Somebody signed in, in a browser of their own that confirms what it is asked. */
async function somebody(trial, id = 'judge') {
  const application = await trial.application(id);
  const browser = trial.somebody();
  const tokens = await application.signIn(browser);
  browser.pressed = trial.buttons.signOut;
  return { application, browser, tokens };
}

async function leave({ application, browser, tokens }, extra = {}) {
  const url = client.buildEndSessionUrl(application.config, {
    id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT, ...extra,
  });
  return browser.walk(url, { stop: SIGNED_OUT });
}

async function isSignedOut({ application, browser }) {
  await refusedAs(['login_required', 'interaction_required'], application.signIn(browser, { prompt: 'none' }));
}

async function signOut(trial) {
  const person = await somebody(trial);
  const state = 's'.repeat(128);
  const page = await leave(person, { state });
  ensure(page.arrived, `stopped at ${page.url?.href} with ${page.status}: ${plain(page.body ?? '')}`);
  ensure([...page.arrived.searchParams].join() === `state,${state}`, `came back with ${page.arrived.search}`);
  await isSignedOut(person);
  const again = await somebody(trial);
  const bare = await leave(again);
  ensure(bare.arrived?.search === '', `came back with ${bare.arrived?.search}`);
}

async function bareSignOut(trial) {
  const person = await somebody(trial);
  const page = await person.browser.walk((await trial.metadata()).end_session_endpoint);
  ensure(page.status < 400, `${page.status} at ${page.url.href}: ${plain(page.body)}`);
  await isSignedOut(person);
}

async function unknownAddress(trial) {
  const person = await somebody(trial);
  for (const address of ['http://127.0.0.1:9/elsewhere', `${SIGNED_OUT}?foo=bar`]) {
    const url = client.buildEndSessionUrl(person.application.config, { id_token_hint: person.tokens.id_token, post_logout_redirect_uri: address });
    const page = await person.browser.walk(url, { stop: 'http://127.0.0.1:9/' });
    ensure(!page.arrived, `went to ${page.arrived?.href}`);
  }
}

async function forgedHint(trial) {
  const person = await somebody(trial);
  const [, payload] = person.tokens.id_token.split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  const url = new URL((await trial.metadata()).end_session_endpoint);
  url.search = new URLSearchParams({ id_token_hint: `${header}.${payload}.`, post_logout_redirect_uri: SIGNED_OUT });
  const page = await person.browser.walk(url, { stop: SIGNED_OUT });
  ensure(!page.arrived, `went to ${page.arrived?.href}`);
}

async function backChannel(trial) {
  const person = await somebody(trial);
  const { sid, sub } = person.tokens.claims;
  ensure(sid, 'the ID token has no sid');
  await leave(person);
  const read = ({ body }) => JSON.parse(Buffer.from(new URLSearchParams(body).get('logout_token')?.split('.')[1] ?? '', 'base64url') || '{}');
  const message = await trial.receiver.logout('judge', (one) => read(one).sid === sid);
  ensure(message.method === 'POST' && message.type.startsWith('application/x-www-form-urlencoded'), `${message.method} ${message.type}`);
  const form = new URLSearchParams(message.body);
  ensure([...form.keys()].join() === 'logout_token', `the form has ${[...form.keys()]}`);
  const { payload } = await jwtVerify(form.get('logout_token'), createRemoteJWKSet(new URL((await trial.metadata()).jwks_uri)), {
    issuer: trial.issuer, audience: 'judge', typ: 'logout+jwt', maxTokenAge: 300, requiredClaims: ['iat', 'jti', 'exp', 'sid', 'events'],
  });
  ensure(payload.sub === undefined || payload.sub === sub, 'another sub');
  ensure(JSON.stringify(payload.events) === JSON.stringify({ [EVENT]: {} }), JSON.stringify(payload.events));
  ensure(!('nonce' in payload), 'it has a nonce');
}

async function frontChannel(trial) {
  const person = await somebody(trial, 'front');
  const page = await leave(person, { state: 'front' });
  const frames = person.browser.pages.flatMap((one) => tags(one.body, 'iframe')).map(({ src }) => src);
  const frame = frames.map((src) => new URL(src)).find(({ href }) => href.startsWith(trial.receiver.frontUri('front')));
  ensure(frame, `frames: ${frames}`);
  ensure(frame.searchParams.get('iss') === trial.issuer, `iss is ${frame.searchParams.get('iss')}`);
  ensure(frame.searchParams.get('sid') === person.tokens.claims.sid, 'another sid');
  const policy = person.browser.pages.map(({ headers }) => headers.get('content-security-policy') ?? '').find((one) => one.includes('frame-src'));
  ensure(policy?.includes(frame.origin), `the policy of the page does not let the frame load: ${policy}`);
  ensure(page.arrived?.searchParams.get('state') === 'front', `no return: ${page.url?.href}`);
}
