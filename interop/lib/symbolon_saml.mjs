// Symbolon as service provider, with the same handles as the control (`saml_sp.mjs`).

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Browser, plain } from './browser.mjs';
import { ensure } from './cases.mjs';
import { readServiceProvider } from './saml_metadata.mjs';

/** Groups of every identity provider here decide the role. */
const RULES = {
  assign_role_by_group: true,
  group_roles: [{ group: 'Wiki Admins', label: 'Wiki Admins', role: 'admin' }],
  default_role: 'viewer',
};

export class SymbolonSp {
  name = 'symbolon';

  constructor(symbolon, redirectUri) {
    this.symbolon = symbolon;
    this.redirectUri = redirectUri;
    this.places = new Map();
  }

  /** Makes a tenant of its own with this one connector: the same people come from every identity provider. */
  async connect(id, metadata, { extra = [] } = {}) {
    const { symbolon } = this;
    this.id = id;
    this.tenant = `saml-${id}`;
    if (!this.places.has(id)) {
      await symbolon.createTenant(this.tenant);
      const secret = await symbolon.createApplication(this.tenant, 'judge', this.redirectUri);
      const file = symbolon.keep(`${id}.idp-metadata.xml`, metadata);
      await symbolon.cli('connector', 'create', this.tenant, id, '--kind', 'saml', '--metadata-file', file,
        '--auto-provision', '--mode', 'on', '--untested', ...extra);
      const rules = join(symbolon.folder, 'saml-rules.json');
      writeFileSync(rules, JSON.stringify(RULES));
      await symbolon.cli('mapping', 'set', this.tenant, id, '--rules', rules);
      this.places.set(id, secret);
    }
    const response = await fetch(this.page('/metadata'));
    const xml = await response.text();
    ensure(response.status === 200, `metadata: ${response.status} ${xml.slice(0, 300)}`);
    return readServiceProvider(xml);
  }

  /** An address of the connector. */
  page(path = '') { return `${this.symbolon.issuer(this.tenant)}/saml/${this.id}${path}`; }

  start() { return this.symbolon.authorizeUrl(this.tenant, { redirectUri: this.redirectUri, scope: 'openid profile email roles' }); }

  async hasArrived(url) { return Boolean((await this.arrive({ arrived: url })).email); }

  async signIn(browser) { return this.arrive(await browser.walk(this.start(), { stop: this.redirectUri, connector: this.id })); }

  /** What a walk to the application came to. */
  async arrive(page) {
    if (!page.arrived) {
      ensure(page.url.href.startsWith(this.symbolon.url), `stopped at ${page.url.href} with ${page.status}: ${plain(page.body ?? '')}`);
      return { refused: plain(page.body), status: page.status, reasons: page.body.match(/\bsaml\.[a-z0-9_]+/g) ?? [] };
    }
    const answer = page.arrived.searchParams;
    if (!answer.get('code')) return { refused: `${answer.get('error')} ${answer.get('error_description')}`, status: 302 };
    const claims = await this.symbolon.redeem(this.tenant, {
      secret: this.places.get(this.id), redirectUri: this.redirectUri, code: answer.get('code'),
    });
    return { email: claims.email, roles: claims.roles, claims };
  }

  async signOut(browser) {
    const page = await browser.walk(`${this.symbolon.issuer(this.tenant)}/logout`);
    ensure(page.status === 200, `ended at ${page.url.href} with ${page.status}: ${plain(page.body ?? '')}`);
    ensure(page.url.href.startsWith(this.symbolon.url), `ended at ${page.url.href}: ${plain(page.body ?? '')}`);
  }

  async isSignedOut(browser) {
    const page = await browser.walk(`${this.start()}&prompt=none`, { stop: this.redirectUri, connector: this.id });
    return page.arrived?.searchParams.get('error') === 'login_required';
  }

  /** Posts a response as another browser, or once more. */
  async post(form, browser = new Browser()) {
    return this.arrive(await browser.walk(this.page('/acs'), { form, stop: this.redirectUri, connector: this.id }));
  }
}
