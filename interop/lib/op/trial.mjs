// One provider before the judge: all checks, each a printed line, and how many it passed.

import { ensure, reason } from '../cases.mjs';
import { Application } from './application.mjs';
import { BASIC } from './basic_checks.mjs';
import { GRANTS } from './grant_checks.mjs';
import { LOGOUT } from './logout_checks.mjs';
import { SECURED } from './secured_checks.mjs';

/** A check: name, what it does, and the member of the metadata without which it cannot be asked. */
const CHECKS = [...BASIC, ...GRANTS, ...SECURED, ...LOGOUT].sort((a, b) => a.number - b.number);

export class Trial {
  /** `stand`: a provider as `applications.mjs` makes it. */
  constructor(stand) {
    Object.assign(this, stand);
    this.browser = this.somebody();
    this.known = new Map();
  }

  /** An application of the provider, which has read the metadata. */
  async application(id) {
    if (!this.known.has(id)) this.known.set(id, this.make(id).discover());
    return this.known.get(id);
  }

  /** The same, not yet discovered; `change` alters its registration. */
  make(id, change = {}) {
    ensure(this.registrations[id], `the application ${id} could not be registered`);
    const registration = { ...this.registrations[id], ...change };
    return new Application({ issuer: this.issuer, registration, key: this.keys[id], connector: this.connector });
  }

  async metadata() { return (await this.application('judge')).config.serverMetadata(); }

  /** Runs everything; gives the numbers of the checks that passed. */
  async run(cases) {
    const passed = new Set();
    for (const { number, name, needs, act } of CHECKS) {
      const title = `openid-client/${this.name}/${String(number).padStart(2, '0')}-${name}`;
      if (needs && !await this.#offers(needs)) {
        cases.skip(title, `${this.name} announces no ${needs}`);
        continue;
      }
      const done = await cases.run(title, async () => { await act(this); return true; });
      if (done) passed.add(number);
    }
    return passed;
  }

  async #offers(member) {
    try {
      return (await this.metadata())[member] !== undefined;
    } catch (error) {
      return reason(error) === '';
    }
  }
}

/** The same checks against the control and against Symbolon; Symbolon may not pass fewer. */
export async function compare(cases, symbolon, control) {
  const line = ({ name, passed }) => `${name} ${passed.size} of ${CHECKS.length}`;
  console.log(`openid-client: ${[symbolon, control].map(line).join(', ')}`);
  const behind = CHECKS.filter(({ number }) => control.passed.has(number) && !symbolon.passed.has(number));
  const title = 'openid-client/symbolon-passes-what-the-control-passes';
  if (behind.length === 0) cases.ok(title);
  else cases.fail(title, behind.map(({ number, name }) => `${number}-${name}`).join(' '));
}
