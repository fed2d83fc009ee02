// Debian's SimpleSAMLphp as identity provider, in PHP's own web server.

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { Browser } from './browser.mjs';
import { ensure } from './cases.mjs';
import { answering, start } from './processes.mjs';
import { makeKey } from './python.mjs';

/** Where run.sh unpacked the package. */
const PACKAGE = process.env.INTEROP_SIMPLESAMLPHP ?? '/';
const SHIPPED = join(PACKAGE, 'usr/share/simplesamlphp');

/** PHP's web server hands `/module.php/core/x` over as a file that is not there: split it as Apache does. */
const ROUTER = `<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (preg_match('#^(/.+?\\.php)(/.*)?$#', $path, $found) && is_file('${SHIPPED}/www' . $found[1])) {
    $_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $found[1];
    $_SERVER['SCRIPT_FILENAME'] = '${SHIPPED}/www' . $found[1];
    if (isset($found[2])) { $_SERVER['PATH_INFO'] = $found[2]; }
    chdir(dirname($_SERVER['SCRIPT_FILENAME']));
    require $_SERVER['SCRIPT_FILENAME'];
    return true;
}
return false;
`;

export class SimpleSamlPhp {
  static name = 'simplesamlphp';

  static async start({ scratch, port }) {
    const idp = new SimpleSamlPhp();
    idp.url = `http://127.0.0.1:${port}`;
    idp.folder = join(scratch, 'simplesamlphp');
    for (const folder of ['config', 'metadata', 'log', 'tmp', 'data', 'sessions']) mkdirSync(join(idp.folder, folder), { recursive: true });
    const { certificate, key } = await makeKey(idp.folder, 'simplesamlphp');
    idp.#configure(certificate, key);
    const router = join(idp.folder, 'router.php');
    writeFileSync(router, ROUTER);
    idp.process = start('php', ['-d', `session.save_path=${join(idp.folder, 'sessions')}`, '-S', `127.0.0.1:${port}`, '-t', `${SHIPPED}/www`, router], {
      log: join(idp.folder, 'output.log'), cwd: idp.folder, env: { SIMPLESAMLPHP_CONFIG_DIR: join(idp.folder, 'config') },
    });
    await answering(`${idp.url}/saml2/idp/metadata.php?output=xhtml`, idp.process);
    return idp;
  }

  async metadata() {
    const response = await fetch(`${this.url}/saml2/idp/metadata.php`);
    const xml = await response.text();
    ensure(response.status === 200 && xml.includes('IDPSSODescriptor'), `metadata: ${response.status} ${xml.slice(0, 300)}`);
    return xml;
  }

  /** Registers a service provider; `encrypt`: whether its assertions are encrypted (AES-128-CBC, all that it can). */
  register({ entityId, acs, logout, signing, encryption }, { sign = ['assertion', 'response'], encrypt = false } = {}) {
    const keys = [
      ...signing.map((value) => ({ signing: true, encryption: false, type: 'X509Certificate', X509Certificate: value })),
      ...encryption.map((value) => ({ signing: false, encryption: true, type: 'X509Certificate', X509Certificate: value })),
    ];
    const entry = {
      AssertionConsumerService: acs,
      ...(logout ? { SingleLogoutService: [{ Binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', Location: logout }] } : {}),
      keys, 'assertion.encryption': encrypt, 'validate.authnrequest': true, 'validate.logout': true, 'sign.logout': true,
      'saml20.sign.response': sign.includes('response'), 'saml20.sign.assertion': sign.includes('assertion'),
      NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'simplesaml.nameidattribute': 'uid',
      'signature.algorithm': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    };
    const php = `<?php\n$metadata[${JSON.stringify(entityId)}] = json_decode(<<<'JSON'\n${JSON.stringify(entry)}\nJSON, true);\n`;
    writeFileSync(join(this.folder, 'metadata', 'saml20-sp-remote.php'), php);
  }

  browser(person) {
    const browser = new Browser();
    Object.assign(browser.typed, { username: person, password: 'interop' });
    return browser;
  }

  /** Where a sign-out starts at the identity provider. */
  startLogout() { return `${this.url}/saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(`${this.url}/signed-out`)}`; }

  #configure(certificate, key) {
    const write = (name, content) => writeFileSync(join(this.folder, name), `<?php\n${content}\n`);
    const folder = (name) => `'${join(this.folder, name)}/'`;
    const person = (id) => `'${id}:interop' => ['uid' => ['${id}'], 'mail' => ['${id}@contoso.example'], `
      + `'displayName' => ['${id} of Contoso'], 'groups' => ['Wiki Admins', 'R&D']]`;
    write('config/config.php', `$config = [
      'baseurlpath' => '${this.url}/', 'certdir' => '${dirname(key)}/', 'loggingdir' => ${folder('log')},
      'datadir' => ${folder('data')}, 'tempdir' => ${folder('tmp')}, 'metadatadir' => ${folder('metadata')},
      'secretsalt' => 'salt-of-this-run', 'auth.adminpassword' => 'interop', 'technicalcontact_name' => 'Interop',
      'technicalcontact_email' => 'interop@contoso.example', 'timezone' => 'UTC', 'trusted.url.domains' => null,
      'logging.level' => SimpleSAML\\Logger::INFO, 'logging.handler' => 'file', 'logging.logfile' => 'simplesamlphp.log',
      'showerrors' => true, 'errorreporting' => false, 'debug' => ['saml' => true, 'backtraces' => true, 'validatexml' => false],
      'enable.saml20-idp' => true, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
      'session.cookie.secure' => false, 'session.cookie.samesite' => null, 'session.phpsession.savepath' => ${folder('sessions')},
      'language.default' => 'en', 'language.available' => ['en'], 'theme.use' => 'default', 'store.type' => 'phpsession',
      'attributenamemapdir' => '${join(PACKAGE, 'etc/simplesamlphp/attributemap')}/',
      'metadata.sources' => [['type' => 'flatfile', 'directory' => ${folder('metadata')}]], 'production' => true,
    ];`);
    write('config/authsources.php', `$config = ['people' => ['exampleauth:UserPass',
      ${['alice', 'bob', 'carol'].map(person).join(',\n      ')}]];`);
    write('metadata/saml20-idp-hosted.php', `$metadata['${this.url}/metadata'] = ['host' => '__DEFAULT__',
      'privatekey' => '${basename(key)}', 'certificate' => '${basename(certificate)}', 'auth' => 'people',
      'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
      'sign.logout' => true, 'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
      'NameIDFormat' => ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
      'authproc' => [1 => ['class' => 'saml:PersistentNameID', 'attribute' => 'uid'],
                     100 => ['class' => 'core:AttributeMap', 'name2oid']]];`);
  }
}
