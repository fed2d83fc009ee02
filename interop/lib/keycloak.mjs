// Keycloak, from its distribution on Maven Central, as identity provider. The folder is run.sh's; see README.md.

import { Browser } from './browser.mjs';
import { ensure } from './cases.mjs';
import { answering, start } from './processes.mjs';

const REALM = 'contoso';
const ADMIN = { username: 'admin', password: 'interop-only' };
/** It is given this long to start; a slower machine skips its cases. */
export const PATIENCE_SECONDS = 120;

export class Keycloak {
  static name = 'keycloak';

  static async start({ folder, scratch, port }) {
    const idp = new Keycloak();
    idp.url = `http://127.0.0.1:${port}`;
    // The script replaces itself by Java: ending the child ends Keycloak.
    idp.process = start('bash', [`${folder}/bin/kc.sh`, 'start-dev', '--db=dev-mem', '--cache=local', '--http-host=127.0.0.1',
      `--http-port=${port}`, '--http-management-port=0', '--log-level=info'], {
      log: `${scratch}/keycloak.log`, cwd: scratch,
      env: { KC_BOOTSTRAP_ADMIN_USERNAME: ADMIN.username, KC_BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password, JAVA_OPTS_KC_HEAP: '-Xms128m -Xmx512m' },
    });
    await answering(`${idp.url}/realms/master`, idp.process, PATIENCE_SECONDS);
    return idp;
  }

  /** A realm as an admin would import it: people, groups and roles. */
  async importRealm() {
    const person = (id) => ({
      username: id, email: `${id}@contoso.example`, emailVerified: true, enabled: true, firstName: id, lastName: 'Contoso',
      credentials: [{ type: 'password', value: 'interop', temporary: false }], groups: ['/Wiki Admins', '/R&D'], realmRoles: ['wiki-admin'],
    });
    await this.#admin('POST', '', {
      realm: REALM, enabled: true, sslRequired: 'none', roles: { realm: [{ name: 'wiki-admin' }] },
      groups: [{ name: 'Wiki Admins' }, { name: 'R&D' }], users: ['alice', 'bob', 'carol'].map(person),
    });
  }

  async metadata() { return (await fetch(`${this.url}/realms/${REALM}/protocol/saml/descriptor`)).text(); }

  /** Imports a service provider's metadata as a client, as the admin console does, and sets what is signed and encrypted. */
  async register(sp, { sign = ['assertion', 'response'], encrypt = null } = {}) {
    const client = await this.#admin('POST', `/${REALM}/client-description-converter`, sp.xml, 'application/xml');
    const known = await this.#admin('GET', `/${REALM}/clients?clientId=${encodeURIComponent(sp.entityId)}`);
    if (known.length) await this.#admin('DELETE', `/${REALM}/clients/${known[0].id}`);
    const mapper = (name, protocolMapper, config) => ({ name, protocol: 'saml', protocolMapper, config: { 'attribute.nameformat': 'Basic', ...config } });
    const property = (name, attribute) => mapper(attribute, 'saml-user-property-mapper', { 'user.attribute': name, 'attribute.name': attribute, 'friendly.name': name });
    await this.#admin('POST', `/${REALM}/clients`, {
      ...client, enabled: true, frontchannelLogout: true,
      attributes: {
        ...client.attributes, 'saml.client.signature': 'true', 'saml.authnstatement': 'true', 'saml_name_id_format': 'persistent',
        'saml.assertion.signature': `${sign.includes('assertion')}`, 'saml.server.signature': `${sign.includes('response')}`,
        'saml.signature.algorithm': 'RSA_SHA256', 'saml.encrypt': `${Boolean(encrypt)}`, ...encryption(encrypt),
      },
      protocolMappers: [
        property('email', 'email'), property('firstName', 'firstName'), property('lastName', 'lastName'),
        mapper('groups', 'saml-group-membership-mapper', { 'attribute.name': 'groups', single: 'true', 'full.path': 'false' }),
        mapper('roles', 'saml-role-list-mapper', { 'attribute.name': 'roles', single: 'true' }),
      ],
      defaultClientScopes: [],
    });
  }

  browser(person) {
    const browser = new Browser();
    Object.assign(browser.typed, { username: person, password: 'interop' });
    return browser;
  }

  startLogout() { return `${this.url}/realms/${REALM}/protocol/openid-connect/logout`; }

  async #admin(method, path, body, type = 'application/json') {
    const response = await fetch(`${this.url}/admin/realms${path}`, {
      method, headers: { authorization: `Bearer ${await this.#token()}`, ...(body ? { 'content-type': type } : {}) },
      body: type === 'application/json' && body ? JSON.stringify(body) : body,
    });
    const text = await response.text();
    ensure(response.ok, `${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** They live for a minute: a new one each time. */
  async #token() {
    const response = await fetch(`${this.url}/realms/master/protocol/openid-connect/token`, {
      method: 'POST', body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN }),
    });
    const tokens = await response.json();
    ensure(tokens.access_token, `no token of the admin: ${JSON.stringify(tokens)}`);
    return tokens.access_token;
  }
}

/** Its own settings for `aes256-gcm` and the like. */
function encryption(name) {
  if (!name) return {};
  const space = name.endsWith('-gcm') ? 'http://www.w3.org/2009/xmlenc11#' : 'http://www.w3.org/2001/04/xmlenc#';
  return {
    'saml.encryption.algorithm': `${space}${name}`, 'saml.encryption.keyAlgorithm': 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
    'saml.encryption.digestMethod': 'http://www.w3.org/2000/09/xmldsig#sha1',
  };
}
