// OpenID Connect Core: the code flow, what may be asked of it, and what must be refused.

import * as client from 'openid-client';

import { ensure, reason } from '../cases.mjs';
import { refused, refusedAs } from './application.mjs';
import { CALLBACK } from './registrations.mjs';

const EMAIL = 'alice@contoso.example';
const LONG_STATE = 's'.repeat(128);
const NEEDS_A_PERSON = ['login_required', 'interaction_required', 'account_selection_required', 'consent_required'];

export const BASIC = [
  { number: 1, name: 'discovery', act: discovery },
  { number: 2, name: 'code-pkce-nonce-state-iss', act: codeFlow },
  { number: 3, name: 'userinfo-speaks-of-the-same-person', act: userinfo },
  { number: 6, name: 'prompt-none-with-a-session', act: promptNone },
  { number: 7, name: 'prompt-none-without-a-session', act: promptNoneAlone },
  { number: 10, name: 'max-age-gives-a-fresh-auth-time', act: maxAge },
  { number: 11, name: 'wrong-verifier-is-invalid-grant', act: wrongVerifier },
  { number: 12, name: 'second-use-of-a-code-is-invalid-grant-and-ends-its-token', act: secondUse },
  { number: 18, name: 'wrong-secret-is-invalid-client', act: wrongSecret },
  { number: 19, name: 'secret-in-the-body', act: secretInBody },
  { number: 20, name: 'unknown-redirect-uri-gets-a-page', act: unknownRedirectUri },
  { number: 21, name: 'max-age-met-by-the-session', act: maxAgeMet },
  { number: 22, name: 'prompt-login-asks-again', act: promptLogin },
  { number: 23, name: 'id-token-hint-of-the-same-person', act: idTokenHint },
  { number: 24, name: 'form-post-answer', act: formPost },
  { number: 25, name: 'request-by-post', act: requestByPost },
  { number: 26, name: 'parameters-that-may-be-ignored', act: ignorable },
  { number: 27, name: 'userinfo-by-post', act: userinfoByPost },
  { number: 28, name: 'claims-parameter', needs: 'claims_parameter_supported', act: claimsParameter },
  { number: 29, name: 'pairwise-subjects-differ-by-application', act: pairwise },
  { number: 30, name: 'native-application-at-any-loopback-port', act: native },
  { number: 31, name: 'response-type-token-is-refused', act: implicit },
  { number: 32, name: 'pkce-plain-is-refused', act: plainChallenge },
  { number: 33, name: 'code-of-another-application-is-invalid-grant', act: foreignCode },
];

async function discovery(trial) {
  const metadata = await trial.metadata();
  ensure(metadata.issuer === trial.issuer, `issuer is ${metadata.issuer}`);
  ensure(metadata.code_challenge_methods_supported?.includes('S256'), 'S256 is not announced');
  ensure(metadata.authorization_response_iss_parameter_supported, 'iss is not announced (RFC 9207)');
}

async function codeFlow(trial) {
  const application = await trial.application('judge');
  trial.first = await application.signIn(trial.browser);
  ensure(trial.first.iss === trial.issuer, 'the answer has no iss (RFC 9207)');
  ensure(trial.first.claims.sub, 'no sub');
}

async function userinfo(trial) {
  const info = await readUserinfo(trial, trial.first);
  ensure(info.email === EMAIL, `email is ${info.email}`);
}

async function readUserinfo(trial, tokens) {
  ensure(tokens, 'there was no sign-in');
  const application = await trial.application('judge');
  return client.fetchUserInfo(application.config, tokens.access_token, tokens.claims.sub);
}

async function promptNone(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser, { prompt: 'none' });
  ensure(tokens.claims.sub === trial.first?.claims.sub, 'another person came back');
}

async function promptNoneAlone(trial) {
  const application = await trial.application('judge');
  await refusedAs(NEEDS_A_PERSON, application.signIn(trial.somebody(), { prompt: 'none' }));
}

async function maxAge(trial) {
  const application = await trial.application('judge');
  const before = Math.floor(Date.now() / 1000);
  const tokens = await application.signIn(trial.browser, { max_age: '0' }, { maxAge: 30 });
  ensure(tokens.claims.auth_time >= before - 1, `auth_time is ${before - tokens.claims.auth_time} s old`);
}

async function maxAgeMet(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser, { max_age: '3600' }, { maxAge: 3600 });
  ensure(Number.isInteger(tokens.claims.auth_time), 'auth_time is missing');
}

async function wrongVerifier(trial) {
  const application = await trial.application('judge');
  const answered = await application.authorize(trial.browser);
  await refusedAs('invalid_grant', application.redeem({ ...answered, verifier: client.randomPKCECodeVerifier() }));
}

async function secondUse(trial) {
  const application = await trial.application('judge');
  const answered = await application.authorize(trial.browser);
  const tokens = await application.redeem(answered);
  ensure(await application.isActive(tokens.access_token), 'the token is inactive from the start');
  await refusedAs('invalid_grant', application.redeem(answered));
  ensure(!await application.isActive(tokens.access_token), 'the token of the first use lives on');
}

async function wrongSecret(trial) {
  const application = await trial.application('judge');
  const stranger = await trial.make('judge', { client_secret: 'wrong' }).discover();
  await refusedAs('invalid_client', stranger.redeem(await application.authorize(trial.browser)));
}

async function secretInBody(trial) {
  const application = await trial.application('by-post');
  await application.signIn(trial.browser);
}

async function unknownRedirectUri(trial) {
  const application = await trial.application('judge');
  const { url } = await application.request();
  url.searchParams.set('redirect_uri', `${CALLBACK}/`);
  const page = await trial.browser.walk(url, { stop: CALLBACK, connector: trial.connector });
  ensure(!page.arrived && page.status >= 400, `got ${page.arrived?.href ?? page.status}`);
}

async function promptLogin(trial) {
  const application = await trial.application('judge');
  const before = await application.signIn(trial.browser, { max_age: '3600' });
  // auth_time counts whole seconds.
  while (Math.floor(Date.now() / 1000) <= before.claims.auth_time) await new Promise((resolve) => { setTimeout(resolve, 50); });
  const after = await application.signIn(trial.browser, { prompt: 'login', max_age: '3600' });
  ensure(after.claims.auth_time > before.claims.auth_time, 'nobody signed in anew');
}

async function idTokenHint(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser, { prompt: 'none', id_token_hint: trial.first?.id_token });
  ensure(tokens.claims.sub === trial.first.claims.sub, 'another person came back');
}

async function formPost(trial) {
  const application = await trial.application('judge');
  const answered = await application.authorize(trial.browser, { response_mode: 'form_post' });
  ensure(answered.form, 'nothing was posted to the application');
  ensure(answered.answer.search === '', `the address has ${answered.answer.search}`);
  await application.redeem(answered);
}

async function requestByPost(trial) {
  const application = await trial.application('judge');
  const request = await application.request();
  const address = new URL(request.url);
  const form = new URLSearchParams(address.search);
  address.search = '';
  const page = await trial.browser.walk(address, { form, stop: CALLBACK, connector: trial.connector });
  ensure(page.arrived, `stopped at ${page.url?.href} with ${page.status}`);
  await application.redeem({ ...request, answer: page.arrived });
}

async function ignorable(trial) {
  const application = await trial.application('judge');
  await application.signIn(trial.browser, {
    display: 'popup', ui_locales: 'se de-AT', claims_locales: 'se', login_hint: EMAIL, acr_values: '1 2',
    extra: 'foobar', state: LONG_STATE,
  }, { expectedState: LONG_STATE });
}

async function userinfoByPost(trial) {
  const application = await trial.application('judge');
  const tokens = await application.signIn(trial.browser);
  const endpoint = (await trial.metadata()).userinfo_endpoint;
  const inHeader = await fetch(endpoint, { method: 'POST', headers: { authorization: `Bearer ${tokens.access_token}` } });
  const inBody = await fetch(endpoint, { method: 'POST', body: new URLSearchParams({ access_token: tokens.access_token }) });
  for (const response of [inHeader, inBody]) {
    ensure(response.status === 200, `userinfo: ${response.status}`);
    ensure((await response.json()).sub === tokens.claims.sub, 'another sub');
  }
}

async function claimsParameter(trial) {
  const application = await trial.application('judge');
  const claims = JSON.stringify({ userinfo: { email: { essential: true } }, id_token: { auth_time: { essential: true } } });
  const tokens = await application.signIn(trial.browser, { scope: 'openid', claims });
  ensure(Number.isInteger(tokens.claims.auth_time), 'no auth_time in the ID token');
  const info = await readUserinfo(trial, tokens);
  ensure(info.email === EMAIL, `email is ${info.email}`);
}

async function pairwise(trial) {
  const subjects = [];
  for (const id of ['pair-a', 'pair-b', 'pair-a']) {
    const application = await trial.application(id);
    const tokens = await application.signIn(trial.browser);
    const info = await client.fetchUserInfo(application.config, tokens.access_token, tokens.claims.sub);
    subjects.push(info.sub);
  }
  const [a, b, again] = subjects;
  ensure(a === again, 'the subject changes from one sign-in to the next');
  ensure(a !== b && ![a, b].includes(trial.first?.claims.sub), 'two applications see the same subject');
}

async function native(trial) {
  const application = await trial.application('native');
  await application.signIn(trial.browser, { redirect_uri: CALLBACK });
  const elsewhere = await application.request({ redirect_uri: 'http://127.0.0.1:9/elsewhere' });
  const page = await trial.browser.walk(elsewhere.url, { stop: 'http://127.0.0.1:9/', connector: trial.connector });
  ensure(!page.arrived && page.status >= 400, `another path is taken: ${page.arrived?.href ?? page.status}`);
}

async function implicit(trial) {
  const application = await trial.application('judge');
  const { url } = await application.request();
  url.searchParams.set('response_type', 'token');
  const page = await trial.browser.walk(url, { stop: CALLBACK, connector: trial.connector });
  if (!page.arrived) return ensure(page.status >= 400, `a page with ${page.status}`);
  const answer = new URLSearchParams(page.arrived.search || page.arrived.hash.slice(1));
  return ensure(['unsupported_response_type', 'unauthorized_client', 'invalid_request'].includes(answer.get('error')), `${answer}`);
}

async function plainChallenge(trial) {
  const application = await trial.application('judge');
  const error = await refused(application.signIn(trial.browser, { code_challenge_method: 'plain' }));
  ensure(error.error === 'invalid_request', reason(error));
}

async function foreignCode(trial) {
  const answered = await (await trial.application('judge')).authorize(trial.browser);
  await refusedAs('invalid_grant', (await trial.application('other')).redeem(answered));
}
