// npm openid-client as application: it checks iss, nonce, state, at_hash and sub by itself.

import { createHash } from 'node:crypto';

import * as client from 'openid-client';

import { Browser } from './browser.mjs';
import { ensure, reason } from './cases.mjs';

/** Runs the judge's cases against an issuer. `clientId` must be registered with `redirectUri`. */
export async function judge(cases, prefix, { issuer, clientId, secret, redirectUri, connector }) {
  const name = (text) => `${prefix}/${text}`;
  const application = new Application({ issuer, clientId, secret, redirectUri, connector });
  const browser = new Browser();

  await cases.run(name('discovery'), async () => {
    await application.discover();
    const metadata = application.config.serverMetadata();
    ensure(metadata.issuer === issuer, `issuer is ${metadata.issuer}`);
    ensure(metadata.code_challenge_methods_supported?.includes('S256'), 'S256 is not announced');
  });
  if (!application.config) return;

  const first = await cases.run(name('code-pkce-nonce-state-iss'), async () => {
    const tokens = await application.signIn(browser);
    ensure(tokens.iss, 'the answer has no iss (RFC 9207)');
    ensure(tokens.claims.sub, 'no sub');
    return tokens;
  });
  await cases.run(name('userinfo-speaks-of-the-same-person'), async () => {
    ensure(first, 'there was no sign-in');
    const info = await client.fetchUserInfo(application.config, first.access_token, first.claims.sub);
    ensure(info.email === 'alice@contoso.example', `email is ${info.email}`);
  });
  await cases.run(name('prompt-none-with-a-session'), async () => {
    const tokens = await application.signIn(browser, { prompt: 'none' });
    ensure(tokens.claims.sub === first?.claims.sub, 'another person came back');
  });
  await cases.run(name('prompt-none-without-a-session'), async () => {
    const error = await refused(application.signIn(new Browser(), { prompt: 'none' }));
    ensure(['login_required', 'interaction_required'].includes(error.error), reason(error));
  });
  await cases.run(name('max-age-gives-a-fresh-auth-time'), async () => {
    const before = Math.floor(Date.now() / 1000);
    const tokens = await application.signIn(browser, { max_age: '0' }, { maxAge: 30 });
    ensure(tokens.claims.auth_time >= before - 1, `auth_time is ${before - tokens.claims.auth_time} s old`);
  });
  await cases.run(name('max-age-met-by-the-session'), async () => {
    const tokens = await application.signIn(browser, { max_age: '3600' }, { maxAge: 3600 });
    ensure(Number.isInteger(tokens.claims.auth_time), 'auth_time is missing');
  });
  await cases.run(name('wrong-verifier-is-invalid-grant'), async () => {
    const answer = await application.authorize(browser);
    const error = await refused(application.redeem({ ...answer, verifier: client.randomPKCECodeVerifier() }));
    ensure(error.error === 'invalid_grant', reason(error));
  });
  await cases.run(name('second-use-of-a-code-is-invalid-grant'), async () => {
    const answer = await application.authorize(browser);
    await application.redeem(answer);
    const error = await refused(application.redeem(answer));
    ensure(error.error === 'invalid_grant', reason(error));
  });
  await cases.run(name('wrong-secret-is-invalid-client'), async () => {
    const stranger = new Application({ issuer, clientId, secret: 'wrong', redirectUri, connector });
    await stranger.discover();
    const answer = await application.authorize(browser);
    const error = await refused(stranger.redeem(answer));
    ensure(error.error === 'invalid_client', reason(error));
  });
  await cases.run(name('unknown-redirect-uri-gets-a-page'), async () => {
    const url = new URL(application.request({}).url);
    url.searchParams.set('redirect_uri', `${redirectUri}/`);
    const page = await browser.walk(url, { stop: redirectUri });
    ensure(!page.arrived && page.status >= 400, `got ${page.arrived?.href ?? page.status}`);
  });
  await cases.run(name('form-post-answer'), async () => {
    const answer = application.request({ response_mode: 'form_post' });
    const page = await browser.walk(answer.url, { stop: redirectUri, connector });
    ensure(page.form, 'nothing was posted to the application');
    ensure(page.form.get('code') && page.form.get('iss') === issuer, `the form has ${[...page.form.keys()]}`);
  });
}

class Application {
  constructor(registration) { Object.assign(this, registration); }

  async discover() {
    this.config = await client.discovery(new URL(this.issuer), this.clientId, this.secret,
      client.ClientSecretBasic(this.secret), { execute: [client.allowInsecureRequests] });
  }

  request(extra) {
    const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
    const challenge = createChallenge(verifier);
    const url = client.buildAuthorizationUrl(this.config, {
      redirect_uri: this.redirectUri, scope: 'openid profile email', state, nonce,
      code_challenge: challenge, code_challenge_method: 'S256', ...extra,
    });
    return { url, state, nonce, verifier };
  }

  async authorize(browser, extra = {}) {
    const request = this.request(extra);
    const page = await browser.walk(request.url, { stop: this.redirectUri, connector: this.connector });
    if (!page.arrived) throw new Error(`stopped at ${page.url.href} with ${page.status}: ${plain(page.body)}`);
    return { ...request, answer: page.arrived };
  }

  async redeem({ answer, state, nonce, verifier }, checks = {}) {
    return client.authorizationCodeGrant(this.config, answer, {
      pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, ...checks,
    });
  }

  async signIn(browser, extra = {}, checks = {}) {
    const answered = await this.authorize(browser, extra);
    const tokens = await this.redeem(answered, checks);
    return { ...tokens, access_token: tokens.access_token, claims: tokens.claims(), iss: answered.answer.searchParams.get('iss') };
  }
}

function createChallenge(verifier) {
  return createHash('sha256').update(verifier).digest('base64url');
}

async function refused(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    // A 401 comes as a challenge: its parameters hold the OAuth error, or else the body does.
    const challenge = error.cause?.[0]?.parameters?.error;
    const body = challenge === undefined && error.response ? await error.response.json().catch(() => ({})) : {};
    error.error ??= challenge ?? body.error;
    return error;
  }
  throw new Error(`accepted instead of refused: ${JSON.stringify(value).slice(0, 200)}`);
}

export function plain(html) {
  return html.replace(/<(style|script)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim().slice(0, 200);
}
