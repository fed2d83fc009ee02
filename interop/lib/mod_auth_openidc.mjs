// Debian's mod_auth_openidc in an Apache on loopback, as application.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { plain } from './browser.mjs';
import { ensure } from './cases.mjs';
import { OFFLINE } from './op/registrations.mjs';
import { answering, start } from './processes.mjs';

const MODULES = '/usr/lib/apache2/modules';
const PATIENCE_MS = 15_000;

const site = (port) => `http://127.0.0.1:${port}`;
const redirectUri = (port) => `${site(port)}/protected/redirect_uri`;

export function apacheMetadata(port) {
  return {
    redirect_uris: [redirectUri(port)], token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code', 'refresh_token'], scope: OFFLINE.scope,
    post_logout_redirect_uris: [`${site(port)}/`],
    backchannel_logout_uri: `${redirectUri(port)}?logout=backchannel`, backchannel_logout_session_required: true,
  };
}

/** `stand`: one provider, see `applications.mjs`. */
export async function apache(cases, prefix, stand, scratch) {
  const application = new Apache(stand, scratch);
  if (!await cases.run(`${prefix}/apache-starts`, () => application.start())) return;
  await cases.run(`${prefix}/protected-page-asks-for-sign-in`, () => application.signIn());
  await cases.run(`${prefix}/session-of-apache-is-kept`, async () => {
    const page = await application.signIn();
    ensure(page.headers.get('x-subject'), 'no subject');
  });
  await cases.run(`${prefix}/refresh-token-gives-a-new-access-token`, () => application.refresh());
  await cases.run(`${prefix}/sign-out-ends-both-sessions-and-comes-back`, () => application.signOut());
  await cases.run(`${prefix}/back-channel-logout-ends-the-session-of-apache`, () => application.backChannel());
}

class Apache {
  constructor(stand, scratch) {
    Object.assign(this, { stand, port: stand.apachePort, site: site(stand.apachePort) });
    this.folder = join(scratch, `apache-${this.port}`);
    this.browser = stand.somebody();
  }

  async start() {
    ensure(this.stand.registrations.apache, 'its application could not be registered');
    const server = start('/usr/sbin/apache2', ['-d', this.folder, '-f', this.#configure(), '-DFOREGROUND'], {
      log: join(this.folder, 'output.log'), cwd: this.folder,
    });
    await answering(`${this.site}/`, server);
    return true;
  }

  open(path) { return this.browser.walk(`${this.site}${path}`, { connector: this.stand.connector }); }

  async signIn() {
    const page = await this.open('/protected/');
    ensure(page.status === 200 && page.headers.get('x-email') === 'alice@contoso.example',
      `${page.url.href} gave ${page.status}, e-mail ${page.headers.get('x-email')}: ${plain(page.body)}`);
    return page;
  }

  async refresh() {
    const token = (await this.signIn()).headers.get('x-access-token');
    ensure(token, 'Apache has no access token');
    const query = new URLSearchParams({ refresh: `${this.site}/protected/`, access_token: token });
    const page = await this.open(`/protected/redirect_uri?${query}`);
    ensure(page.status === 200 && !page.url.search, `${page.status} at ${page.url.href}`);
    const next = page.headers.get('x-access-token');
    ensure(next && next !== token, 'the access token is the old one');
  }

  async signOut() {
    await this.signIn();
    await this.#pressing(this.stand.buttons.signOut, async () => {
      const page = await this.open(`/protected/redirect_uri?logout=${encodeURIComponent(`${this.site}/`)}`);
      ensure(page.status === 200 && page.url.href === `${this.site}/`, `ended at ${page.url.href} with ${page.status}: ${plain(page.body)}`);
    });
    await this.signIn();
    ensure(this.browser.pages.some(({ url }) => url.pathname.includes(this.stand.signInPath)), 'the provider still knew the person');
  }

  /** The session ends at the provider, which tells Apache; the browser still has Apache's cookie. */
  async backChannel() {
    await this.signIn();
    const response = await fetch(`${this.stand.issuer}/.well-known/openid-configuration`);
    const { end_session_endpoint: endpoint } = await response.json();
    ensure(endpoint, 'no end_session_endpoint');
    await this.#pressing(this.stand.buttons.signOut, async () => {
      const page = await this.browser.walk(endpoint);
      ensure(page.status < 400, `sign-out: ${page.status} ${plain(page.body)}`);
    });
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const page = await this.browser.walk(`${this.site}/protected/`, { stop: this.stand.issuer });
      if (page.arrived) return;
      ensure(Date.now() < until, `Apache's session lives ${PATIENCE_MS / 1000} s after the sign-out`);
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }

  async #pressing(buttons, act) {
    const before = this.browser.pressed;
    this.browser.pressed = buttons;
    await act();
    this.browser.pressed = before;
  }

  #configure() {
    const { folder, port, stand } = this;
    const { client_id: id, client_secret: secret } = stand.registrations.apache;
    mkdirSync(join(folder, 'site', 'protected'), { recursive: true });
    // Apache's workers run as www-data when we are root.
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'site', 'index.html'), '<!doctype html><title>Open</title><p>Open to all.</p>');
    writeFileSync(join(folder, 'site', 'protected', 'index.html'), '<!doctype html><title>In</title><p>You are in.</p>');
    writeFileSync(join(folder, 'mime.types'), 'text/html html\n');
    const module = (name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`;
    const shown = { 'X-Email': 'OIDC_CLAIM_email', 'X-Subject': 'OIDC_CLAIM_sub', 'X-Access-Token': 'OIDC_access_token' };
    const file = join(folder, 'apache.conf');
    writeFileSync(file, [
      `ServerName 127.0.0.1:${port}`, `Listen 127.0.0.1:${port}`, `PidFile ${folder}/apache.pid`,
      `DefaultRuntimeDir ${folder}`, `ErrorLog ${folder}/error.log`, 'LogLevel warn auth_openidc:info',
      ...['mpm_event', 'authz_core', 'authn_core', 'authz_user', 'mime', 'dir', 'headers', 'auth_openidc'].map(module),
      ...(process.getuid() === 0 ? ['User www-data', 'Group www-data'] : []),
      'StartServers 1', `TypesConfig ${folder}/mime.types`, `DocumentRoot ${folder}/site`, 'DirectoryIndex index.html',
      `OIDCProviderMetadataURL ${stand.issuer}/.well-known/openid-configuration`,
      `OIDCClientID ${id}`, `OIDCClientSecret ${secret}`, `OIDCRedirectURI ${redirectUri(port)}`,
      'OIDCCryptoPassphrase interop-only', `OIDCScope "${OFFLINE.scope}"`, `OIDCAuthRequestParams prompt=${OFFLINE.prompt}`,
      'OIDCPKCEMethod S256', 'OIDCCookieSameSite On', 'OIDCSessionType server-cache',
      '<Directory />', 'Require all denied', '</Directory>',
      `<Directory ${folder}/site>`, 'Require all granted', '</Directory>',
      '<Location /protected>', 'AuthType openid-connect', 'Require valid-user',
      ...Object.entries(shown).map(([header, variable]) => `Header always set ${header} "%{${variable}}e"`),
      '</Location>', '',
    ].join('\n'));
    return file;
  }
}
