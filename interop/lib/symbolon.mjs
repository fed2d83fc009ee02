// A scratch Symbolon on SQLite, set up by its command line alone.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { answering, run, start } from './processes.mjs';

export class Symbolon {
  constructor({ binary, scratch, port }) {
    this.binary = binary;
    this.folder = join(scratch, 'symbolon');
    this.url = `http://127.0.0.1:${port}`;
    this.port = port;
    mkdirSync(this.folder);
    this.config = join(this.folder, 'symbolon.toml');
    writeFileSync(join(this.folder, 'master.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
    writeFileSync(this.config, [
      '[http]', `listen = "127.0.0.1:${port}"`, `public_url = "${this.url}"`,
      '[database]', `url = "sqlite:${join(this.folder, 'symbolon.sqlite')}"`,
      '[secrets]', 'active = "k1"',
      '[secrets.keys]', `k1_file = "${join(this.folder, 'master.key')}"`,
      '[outgoing]', 'allow_private = ["127.0.0.0/8"]', '',
    ].join('\n'));
  }

  issuer(tenant) { return `${this.url}/t/${tenant}`; }

  callback(tenant, connector) { return `${this.issuer(tenant)}/callback/${connector}`; }

  cli(...args) { return run(this.binary, ['--config', this.config, ...args], { cwd: this.folder }); }

  async createTenant(tenant) { await this.cli('tenant', 'create', tenant, '--display-name', tenant); }

  /** `extra`: further options, such as `--client-authentication client-secret-post`. */
  async createConnector(tenant, id, { issuer, clientId, secret, extra = [] }) {
    const args = ['connector', 'create', tenant, id, '--kind', 'oidc', '--issuer', issuer, '--client-id', clientId];
    if (secret) {
      const file = join(this.folder, `${tenant}-${id}.secret`);
      writeFileSync(file, secret, { mode: 0o600 });
      args.push('--client-secret-file', file);
    }
    args.push('--auto-provision', '--trust-email', '--scopes', 'openid profile email', '--mode', 'on', ...extra);
    await this.cli(...args);
  }

  /** Gives the generated secret. */
  async createApplication(tenant, id, redirectUri) {
    const file = join(this.folder, `${tenant}-${id}.application-secret`);
    await this.cli('application', 'create', tenant, id, '--redirect-uri', redirectUri, '--secret-out', file);
    return readFileSync(file, 'utf8').trim();
  }

  async serve(tenant) {
    this.server = start(this.binary, ['--config', this.config, 'serve'], {
      cwd: this.folder, log: join(this.folder, 'serve.log'),
    });
    await answering(`${this.issuer(tenant)}/.well-known/openid-configuration`, this.server);
  }
}
