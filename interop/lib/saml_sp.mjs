// python3-saml as service provider: the control of the SAML cases.

import { ensure } from './cases.mjs';
import { answering, start } from './processes.mjs';
import { PYTHON, makeKey, script } from './python.mjs';
import { readServiceProvider } from './saml_metadata.mjs';

export class ControlSp {
  name = 'control/python3-saml';

  static async start({ scratch, port }) {
    const sp = new ControlSp();
    sp.url = `http://127.0.0.1:${port}`;
    const { certificate, key } = await makeKey(scratch, 'control-sp');
    const log = `${scratch}/control-sp.log`;
    sp.process = start(PYTHON, [script('saml_sp.py'), `${port}`, certificate, key], { log });
    await answering(`${sp.url}/login`, sp.process);
    return sp;
  }

  /** Connects it to an identity provider; gives what that one must know of it. */
  async connect(_, metadata, settings = {}) {
    await this.configure({ metadata, ...settings });
    const response = await fetch(`${this.url}/metadata`);
    return readServiceProvider(await response.text());
  }

  async configure(settings) {
    const response = await fetch(`${this.url}/configure`, { method: 'POST', body: JSON.stringify(settings) });
    ensure(response.status === 200, `configure: ${response.status} ${await response.text()}`);
  }

  start() { return `${this.url}/login`; }

  get redirectUri() { return `${this.url}/acs`; }

  async hasArrived(_, page) { return page.includes('carol@contoso.example'); }

  async signIn(browser) {
    const page = await browser.walk(this.start());
    ensure(page.url.href.startsWith(`${this.url}/acs`), `stopped at ${page.url.href} with ${page.status}: ${page.body.slice(0, 600)}`);
    const answer = JSON.parse(page.body);
    if (page.status !== 200) return { refused: `${answer.errors} ${answer.reason}`, status: page.status };
    const values = Object.values(answer.attributes).flat();
    return { email: values.find((value) => value.includes('@')), values, nameId: answer.name_id };
  }

  /** Signs out here, and so at the identity provider. */
  async signOut(browser) {
    const page = await browser.walk(`${this.url}/logout`);
    ensure(page.status === 200 && page.body.includes('"signed_out": true'), `ended at ${page.url.href} with ${page.status}: ${page.body.slice(0, 300)}`);
  }

  /** Whether its own session has ended. */
  async isSignedOut(browser) {
    const page = await browser.walk(`${this.url}/session`);
    return JSON.parse(page.body).name_id === null;
  }
}
