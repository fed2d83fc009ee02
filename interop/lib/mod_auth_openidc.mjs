// Debian's mod_auth_openidc in an Apache on loopback, as application.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Browser } from './browser.mjs';
import { ensure } from './cases.mjs';
import { plain } from './openid_client.mjs';
import { answering, start } from './processes.mjs';

const MODULES = '/usr/lib/apache2/modules';

export function redirectUri(port) { return `http://127.0.0.1:${port}/protected/redirect_uri`; }

/** Runs Apache's cases against an issuer; the secret belongs to an application with our redirect URI. */
export async function apache(cases, prefix, { scratch, port, issuer, clientId, secret, connector }) {
  const folder = join(scratch, `apache-${port}`);
  const site = `http://127.0.0.1:${port}`;
  const browser = new Browser();
  const open = (path) => browser.walk(`${site}${path}`, { connector });

  const up = await cases.run(`${prefix}/apache-starts`, async () => {
    const file = configure(folder, { port, issuer, clientId, secret });
    const server = start('/usr/sbin/apache2', ['-d', folder, '-f', file, '-DFOREGROUND'], {
      log: join(folder, 'output.log'), cwd: folder,
    });
    await answering(`${site}/`, server);
    return true;
  });
  if (!up) return;
  const signedIn = (page) => ensure(page.status === 200 && page.headers.get('x-email') === 'alice@contoso.example',
    `${page.url.href} gave ${page.status}, e-mail ${page.headers.get('x-email')}: ${plain(page.body)}`);

  await cases.run(`${prefix}/protected-page-asks-for-sign-in`, async () => signedIn(await open('/protected/')));
  await cases.run(`${prefix}/session-of-apache-is-kept`, async () => {
    const page = await open('/protected/');
    signedIn(page);
    ensure(page.headers.get('x-subject'), 'no subject');
  });
  await cases.run(`${prefix}/sign-out-and-in-again`, async () => {
    const out = await open(`/protected/redirect_uri?logout=${encodeURIComponent(`${site}/`)}`);
    ensure(out.status < 400, `sign-out gave ${out.status} at ${out.url.href}`);
    signedIn(await open('/protected/'));
  });
}

function configure(folder, { port, issuer, clientId, secret }) {
  mkdirSync(join(folder, 'site', 'protected'), { recursive: true });
  // Apache's workers run as www-data when we are root.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'site', 'index.html'), '<!doctype html><title>Open</title><p>Open to all.</p>');
  writeFileSync(join(folder, 'site', 'protected', 'index.html'), '<!doctype html><title>In</title><p>You are in.</p>');
  writeFileSync(join(folder, 'mime.types'), 'text/html html\n');
  const module = (name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`;
  const file = join(folder, 'apache.conf');
  writeFileSync(file, [
    `ServerName 127.0.0.1:${port}`, `Listen 127.0.0.1:${port}`, `PidFile ${folder}/apache.pid`,
    `DefaultRuntimeDir ${folder}`, `ErrorLog ${folder}/error.log`, 'LogLevel warn auth_openidc:info',
    ...['mpm_event', 'authz_core', 'authn_core', 'authz_user', 'mime', 'dir', 'headers', 'auth_openidc'].map(module),
    ...(process.getuid() === 0 ? ['User www-data', 'Group www-data'] : []),
    'StartServers 1', `TypesConfig ${folder}/mime.types`, `DocumentRoot ${folder}/site`, 'DirectoryIndex index.html',
    `OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration`,
    `OIDCClientID ${clientId}`, `OIDCClientSecret ${secret}`, `OIDCRedirectURI ${redirectUri(port)}`,
    'OIDCCryptoPassphrase interop-only', 'OIDCScope "openid profile email"', 'OIDCPKCEMethod S256',
    'OIDCCookieSameSite On',
    '<Directory />', 'Require all denied', '</Directory>',
    `<Directory ${folder}/site>`, 'Require all granted', '</Directory>',
    '<Location /protected>', 'AuthType openid-connect', 'Require valid-user',
    'Header always set X-Email "%{OIDC_CLAIM_email}e"', 'Header always set X-Subject "%{OIDC_CLAIM_sub}e"',
    '</Location>', '',
  ].join('\n'));
  return file;
}
