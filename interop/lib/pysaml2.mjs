// pysaml2 as identity provider; `pysaml2_idp.py` is the program.

import { Browser } from './browser.mjs';
import { ensure } from './cases.mjs';
import { answering, start } from './processes.mjs';
import { PYTHON, makeKey, script } from './python.mjs';

export class Pysaml2 {
  static name = 'pysaml2';

  /** `host`: a name of this machine that makes it another site than what is called 127.0.0.1. */
  static async start({ scratch, port, host = '127.0.0.1' }) {
    const idp = new Pysaml2();
    idp.url = `http://${host}:${port}`;
    const { certificate, key } = await makeKey(scratch, `pysaml2-${host}`);
    idp.process = start(PYTHON, [script('pysaml2_idp.py'), `${port}`, certificate, key, host], { log: `${scratch}/pysaml2-${host}.log` });
    await answering(`${idp.url}/metadata`, idp.process);
    return idp;
  }

  async metadata() { return (await fetch(`${this.url}/metadata`)).text(); }

  async register(sp, { sign = ['assertion', 'response'], encrypt = null, selfContained = true } = {}) {
    await this.tell({ metadata: sp.xml, sign, encrypt, self_contained: selfContained });
  }

  async tell(order) {
    const response = await fetch(`${this.url}/control`, { method: 'POST', body: JSON.stringify(order) });
    ensure(response.status === 200, `control: ${response.status} ${await response.text()}`);
  }

  /** What came in since the last time: path, binding and the raw fields. */
  async seen() { return (await fetch(`${this.url}/seen`)).json(); }

  async browser(person) {
    await this.tell({ person: { id: `${person}-of-pysaml2`, attributes: {
      mail: [`${person}@contoso.example`], displayName: [`${person} of Contoso`], isMemberOf: ['Wiki Admins', 'R&D'],
    } } });
    return new Browser();
  }

  startLogout(binding) { return `${this.url}/start-logout?binding=${binding}`; }
}
