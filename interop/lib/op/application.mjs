// An application on npm openid-client, which itself checks iss, nonce, state, at_hash, sub, signature and audience.

import * as client from 'openid-client';

import { plain } from '../browser.mjs';
import { reason } from '../cases.mjs';
import { SCOPE } from './registrations.mjs';

export class Application {
  /** `registration`: metadata of RFC 7591, with `client_id` and maybe `client_secret`; `key`: what it signs with. */
  constructor({ issuer, registration, key, connector }) {
    Object.assign(this, { issuer, registration, key, connector });
    [this.redirectUri] = registration.redirect_uris;
  }

  async discover(authentication = this.authentication()) {
    const { client_id: id, id_token_signed_response_alg: algorithm } = this.registration;
    this.config = await client.discovery(new URL(this.issuer), id,
      { id_token_signed_response_alg: algorithm ?? 'RS256' }, authentication, { execute: [client.allowInsecureRequests] });
    return this;
  }

  authentication(options) {
    const { client_secret: secret, token_endpoint_auth_method: method } = this.registration;
    if (method === 'none') return client.None();
    if (method === 'private_key_jwt') return client.PrivateKeyJwt(this.key, options);
    return method === 'client_secret_post' ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret);
  }

  /** The parameters of a new request, and what is to be remembered of it. */
  async parameters(extra = {}) {
    const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
    const parameters = {
      redirect_uri: this.redirectUri, scope: SCOPE, state, nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...extra,
    };
    return { parameters, state, nonce, verifier, redirectUri: parameters.redirect_uri };
  }

  async request(extra) {
    const made = await this.parameters(extra);
    return { ...made, url: client.buildAuthorizationUrl(this.config, made.parameters) };
  }

  /** The same, pushed first (RFC 9126). */
  async pushed(extra, options) {
    const made = await this.parameters(extra);
    return { ...made, url: await client.buildAuthorizationUrlWithPAR(this.config, made.parameters, options) };
  }

  /** The same, as a signed object (RFC 9101). */
  async signed(extra) {
    const made = await this.parameters(extra);
    return { ...made, url: await client.buildAuthorizationUrlWithJAR(this.config, made.parameters, this.key) };
  }

  /** Lets a browser carry a request; gives it with the answer. */
  async carry(browser, request) {
    const page = await browser.walk(request.url, { stop: request.redirectUri, connector: this.connector });
    if (!page.arrived) throw new Error(`stopped at ${page.url.href} with ${page.status}: ${plain(page.body)}`);
    return { ...request, answer: page.arrived, form: page.form };
  }

  async authorize(browser, extra) { return this.carry(browser, await this.request(extra)); }

  async redeem({ answer, form, state, nonce, verifier }, checks = {}, { body, ...options } = {}) {
    const response = form ? new Request(answer, { method: 'POST', body: form }) : answer;
    const tokens = await client.authorizationCodeGrant(this.config, response, {
      pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, ...checks,
    }, body, options);
    const iss = (form ?? answer.searchParams).get('iss');
    return { ...tokens, claims: tokens.claims(), iss };
  }

  /** From the request to the tokens. */
  async signIn(browser, extra = {}, checks = {}, options = {}) {
    return this.redeem(await this.authorize(browser, extra), checks, options);
  }

  async refresh(token, options) { return client.refreshTokenGrant(this.config, token, undefined, options); }

  async isActive(token) { return (await client.tokenIntrospection(this.config, token)).active; }
}

/** The error that must come, with the OAuth code in `error`. */
export async function refused(promise) {
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

/** It must be refused with one of these OAuth codes. */
export async function refusedAs(codes, promise) {
  const error = await refused(promise);
  if (![codes].flat().includes(error.error)) throw new Error(`not ${codes}: ${reason(error)}`);
  return error;
}
