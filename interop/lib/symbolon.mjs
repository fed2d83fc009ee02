// A scratch Symbolon on SQLite, set up by its command line alone.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensure } from './cases.mjs';
import { answering, run, start } from './processes.mjs';

/** How Symbolon names the ways of RFC 7591 in which an application proves itself; public ones have none. */
const AUTHENTICATION = {
  client_secret_basic: 'secret_basic', client_secret_post: 'secret_post', private_key_jwt: 'private_key_jwt', none: undefined,
};
/** What is registered under the same name and with the same meaning as in RFC 7591. */
const SAME = [
  'redirect_uris', 'post_logout_redirect_uris', 'application_type', 'grant_types', 'jwks', 'jwks_uri', 'subject_type',
  'dpop_bound_access_tokens', 'backchannel_logout_uri', 'frontchannel_logout_uri',
];

/** RFC 7636 appendix B: a verifier and its challenge. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

export class Symbolon {
  /**
   * `authority`: the file of an authority to believe besides the usual ones; `entra`: the address of a mock of Entra
   * that it vouches for; `tls`: files `certificate` and `key` for `host`, plain http on loopback without.
   */
  constructor({ binary, scratch, port, name = 'symbolon', authority, entra, tls, host = '127.0.0.1' }) {
    this.binary = binary;
    this.folder = join(scratch, name);
    this.url = `${tls ? 'https' : 'http'}://${host}:${port}`;
    this.port = port;
    mkdirSync(this.folder);
    this.config = join(this.folder, 'symbolon.toml');
    writeFileSync(join(this.folder, 'master.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
    writeFileSync(this.config, [
      '[http]', `listen = "127.0.0.1:${port}"`, `public_url = "${this.url}"`,
      ...(tls ? ['[http.tls]', `certificate_file = "${tls.certificate}"`, `key_file = "${tls.key}"`] : []),
      '[database]', `url = "sqlite:${join(this.folder, 'symbolon.sqlite')}"`,
      '[secrets]', 'active = "k1"',
      '[secrets.keys]', `k1_file = "${join(this.folder, 'master.key')}"`,
      '[outgoing]', 'allow_private = ["127.0.0.0/8", "::1/128"]',
      ...(authority ? [`extra_ca_file = "${authority}"`] : []),
      ...(entra ? ['[entra.clouds.mock]', `authority = "${entra}"`, `graph = "${entra}"`] : []), '',
    ].join('\n'));
  }

  issuer(tenant) { return `${this.url}/t/${tenant}`; }

  callback(tenant, connector) { return `${this.issuer(tenant)}/callback/${connector}`; }

  cli(...args) { return run(this.binary, ['--config', this.config, ...args], { cwd: this.folder }); }

  /** A file that only its owner may read. */
  keep(name, secret) {
    const file = join(this.folder, name);
    writeFileSync(file, secret, { mode: 0o600 });
    return file;
  }

  async createTenant(tenant) { await this.cli('tenant', 'create', tenant, '--display-name', tenant); }

  /** `extra`: further options, such as `--client-authentication client-secret-post`. */
  async createConnector(tenant, id, { issuer, clientId, secret, scopes = 'openid profile email', extra = [] }) {
    const args = ['connector', 'create', tenant, id, '--kind', 'oidc', '--issuer', issuer, '--client-id', clientId];
    if (secret) {
      args.push('--client-secret-file', this.keep(`${tenant}-${id}.secret`, secret));
    }
    args.push('--auto-provision', '--trust-email', '--scopes', scopes, ...extra);
    await this.cli(...args);
    await this.cli('connector', 'test', tenant, id);
    await this.cli('connector', 'mode', tenant, id, 'on');
  }

  /** Which claims a connector makes which fields of a person (docs/src/reference/mapping-rules.md). */
  async setMapping(tenant, connector, rules) {
    const file = join(this.folder, `${tenant}-${connector}.rules`);
    writeFileSync(file, JSON.stringify(rules));
    await this.cli('mapping', 'set', tenant, connector, '--rules', file);
  }

  /** `settings`: beside the redirect URI. Gives the generated secret. */
  async createApplication(tenant, id, redirectUri, settings = {}) {
    const [given, file] = ['settings', 'application-secret'].map((kind) => join(this.folder, `${tenant}-${id}.${kind}`));
    writeFileSync(given, JSON.stringify({ redirect_uris: [redirectUri], ...settings }));
    await this.cli('application', 'create', tenant, id, '--settings', given, '--secret-out', file);
    return readFileSync(file, 'utf8').trim();
  }

  /** Registers what metadata of RFC 7591 says, and gives it with its `client_id` and secret. */
  async register(tenant, id, metadata) {
    const same = Object.fromEntries(SAME.filter((name) => name in metadata).map((name) => [name, metadata[name]]));
    const settings = {
      ...same, ...metadata.symbolon,
      authentication: AUTHENTICATION[metadata.token_endpoint_auth_method],
      id_token_algorithm: metadata.id_token_signed_response_alg ?? 'RS256',
      require_pushed_requests: metadata.require_pushed_authorization_requests,
      frontchannel_logout_session: metadata.frontchannel_logout_session_required,
    };
    const [file, secret] = ['settings', 'application-secret'].map((kind) => join(this.folder, `${tenant}-${id}.${kind}`));
    writeFileSync(file, JSON.stringify(settings));
    const has_secret = metadata.token_endpoint_auth_method.startsWith('client_secret');
    const is_public = metadata.token_endpoint_auth_method === 'none';
    await this.cli('application', 'create', tenant, id, '--settings', file,
      ...(has_secret ? ['--secret-out', secret] : []), ...(is_public ? ['--public'] : []));
    return { ...metadata, client_id: id, ...(has_secret ? { client_secret: readFileSync(secret, 'utf8').trim() } : {}) };
  }

  /** Lets applications register themselves at a tenant; gives the key with which they may. */
  async initialAccessToken(tenant) {
    await this.cli('tenant', 'dynamic-registration', tenant, 'on');
    const file = join(this.folder, `${tenant}.initial-access-token`);
    await this.cli('api-key', 'create', 'judge', '--tenant', tenant, '--scope', 'apps.register', '--secret-out', file);
    return readFileSync(file, 'utf8').trim();
  }

  /** What a person presses on its pages. */
  buttons = { allow: [{ id: 'allow' }], deny: [{ id: 'deny' }], signOut: [{ id: 'sign-out' }] };

  /** A request of the tenant's application `judge`. */
  authorizeUrl(tenant, { redirectUri, scope = 'openid profile email' }) {
    const fields = new URLSearchParams({
      response_type: 'code', client_id: 'judge', redirect_uri: redirectUri, scope,
      state: 'state-of-the-judge', nonce: 'nonce-of-the-judge', code_challenge: CHALLENGE, code_challenge_method: 'S256',
    });
    return `${this.issuer(tenant)}/authorize?${fields}`;
  }

  /** Redeems a code of such a request; gives the claims of the ID token, overlaid by userinfo. */
  async redeem(tenant, { secret, code, redirectUri }) {
    const response = await fetch(`${this.issuer(tenant)}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`judge:${encodeURIComponent(secret)}`)}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: VERIFIER }),
    });
    const tokens = await response.json();
    ensure(tokens.access_token, `token endpoint: ${response.status} ${JSON.stringify(tokens)}`);
    const info = await fetch(`${this.issuer(tenant)}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
    return { ...claims, ...await info.json() };
  }

  async serve(tenant) {
    this.server = start(this.binary, ['--config', this.config, 'serve'], {
      cwd: this.folder, log: join(this.folder, 'serve.log'),
    });
    await answering(`${this.issuer(tenant)}/.well-known/openid-configuration`, this.server);
  }
}
