// SAML: identity providers that others wrote, against Symbolon and against the control, and readers of what we send.

import { Browser } from './browser.mjs';
import { ensure } from './cases.mjs';
import { Keycloak } from './keycloak.mjs';
import { freePorts, run } from './processes.mjs';
import { Pysaml2 } from './pysaml2.mjs';
import { PYTHON, script } from './python.mjs';
import { ControlSp } from './saml_sp.mjs';
import { Chromium } from './webdriver.mjs';
import { SimpleSamlPhp } from './simplesamlphp.mjs';
import { CONTROL, EXPLAINED, TARGET, spid, spidMetadata } from './spid.mjs';

/** Its inner signature uses a prefix that only the response declares, and that its outer signature therefore drops. */
const OUTSIDE = { encrypt: 'aes128-gcm', selfContained: false };

/** How a response comes. What only one of both sides can do says so. */
const WAYS = {
  pysaml2: {
    'assertion-signed': { sign: ['assertion'] },
    'response-signed': { sign: ['response'] },
    'both-signed': {},
    'assertion-signed-then-encrypted-aes256-cbc': { sign: ['assertion'], encrypt: 'aes256-cbc', selfContained: false },
    'both-signed-encrypted-aes128-gcm': { encrypt: 'aes128-gcm', onlySymbolon: true },
    'both-signed-encrypted-namespaces-declared-outside': { ...OUTSIDE, onlyControl: true },
    'response-signed-encrypted-aes256-gcm': { sign: ['response'], encrypt: 'aes256-gcm' },
    // python3-saml moves what it decrypted to other prefixes, which breaks the signature inside.
    'namespaces-declared-inside-encrypted-aes128-cbc': { sign: ['assertion'], encrypt: 'aes128-cbc', onlySymbolon: true },
  },
  simplesamlphp: {
    'assertion-signed': { sign: ['assertion'] },
    'both-signed': {},
    'encrypted-aes128-cbc': { encrypt: true },
  },
  keycloak: {
    'assertion-signed': { sign: ['assertion'] },
    'response-signed': { sign: ['response'] },
    'both-signed': {},
    'encrypted-aes256-gcm': { encrypt: 'aes256-gcm' },
    'encrypted-aes256-cbc-assertion-signed': { sign: ['assertion'], encrypt: 'aes256-cbc' },
  },
};

/** The attribute that holds the groups. */
const GROUPS = { pysaml2: 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1', simplesamlphp: 'groups', keycloak: 'groups' };
/** What both service providers send by redirect. */
const REDIRECTED = ['metadata', 'AuthnRequest-by-redirect', 'LogoutRequest-by-redirect', 'LogoutResponse-by-redirect'];

export class Saml {
  /** `keycloak`: the folder of its distribution, if there is one. */
  static async start(cases, { scratch, keycloak }) {
    const saml = new Saml();
    Object.assign(saml, { cases, scratch, idps: [] });
    const begin = async (kind, options = {}) => {
      const name = `saml/${kind.name}-comes-up`;
      const idp = await cases.run(name, async () => kind.start({ scratch, port: await freePorts(), ...options }));
      if (idp) saml.idps.push(idp);
      return idp;
    };
    await begin(Pysaml2);
    await begin(SimpleSamlPhp);
    if (keycloak) await saml.#keycloak(keycloak);
    else cases.skip('saml/keycloak', 'its distribution is not there (Maven Central, see run.sh)');
    return saml;
  }

  /** It takes this machine two minutes or it is left out. */
  async #keycloak(folder) {
    let idp;
    try {
      idp = await Keycloak.start({ folder, scratch: this.scratch, port: await freePorts() });
    } catch (error) {
      this.cases.skip('saml/keycloak', `did not start: ${error.message}`);
      return;
    }
    const ready = await this.cases.run('saml/keycloak-imports-a-realm', async () => { await idp.importRealm(); return true; });
    if (ready) this.idps.push(idp);
  }

  /** python3-saml in Symbolon's place: judges the cases. */
  async control() {
    const { cases, scratch } = this;
    const sp = await cases.run('saml-control/python3-saml-comes-up', async () => ControlSp.start({ scratch, port: await freePorts() }));
    if (!sp) return;
    for (const idp of this.idps) await this.#judge('saml-control', sp, idp);
    await this.chromium('saml-control', sp);
    await cases.run(`saml-control/spid-sp-test-gives-the-known-${CONTROL}`, async () => {
      await sp.configure({ metadata: await spidMetadata(), signed: ['assertion', 'response'], encrypted: false });
      const { passes } = await spid(`${sp.url}/login`);
      ensure(passes === CONTROL, `${passes} of 111`);
    }, { seconds: 300 });
  }

  async symbolon(sp) {
    for (const idp of this.idps) await this.#judge('saml', sp, idp);
    await this.chromium('saml', sp);
  }

  /** A real browser keeps `SameSite=Lax` cookies from a form that another site posts; `localhost` is another site. */
  async chromium(part, sp) {
    await this.cases.run(`${part}/chromium-signs-in-across-sites`, async () => {
      const idp = await Pysaml2.start({ scratch: this.scratch, port: await freePorts(), host: 'localhost' });
      const known = await sp.connect('chromium', await idp.metadata());
      await idp.register(known);
      await idp.browser('carol');
      const chromium = await Chromium.start(this.scratch);
      try {
        const arrived = await chromium.walk(sp.start(), { stop: sp.redirectUri, connector: sp.id });
        ensure(await sp.hasArrived(arrived, await chromium.page()), `${arrived}: ${await chromium.page()}`);
      } finally {
        await chromium.stop();
      }
    });
  }

  async #judge(part, sp, idp) {
    const { cases } = this;
    const kind = idp.constructor.name;
    const prefix = `${part}/${kind}`;
    const isControl = part === 'saml-control';
    const metadata = await cases.run(`${prefix}/metadata`, () => idp.metadata());
    if (!metadata) return;
    const connect = this.#connector(sp, idp, { id: kind, metadata, isControl });
    for (const [way, settings] of Object.entries(WAYS[kind])) {
      if (isControl ? settings.onlySymbolon : settings.onlyControl) continue;
      await cases.run(`${prefix}/${way}`, async () => {
        await connect(settings);
        const person = await sp.signIn(await idp.browser('alice'));
        ensure(person.email === 'alice@contoso.example', JSON.stringify(person));
        if (!isControl) ensure(person.roles?.join() === 'admin', `roles are ${person.roles}`);
      });
    }
    await this.#signOutHere(prefix, sp, idp, connect);
    for (const binding of kind === 'pysaml2' && !isControl ? ['redirect', 'post'] : ['redirect']) {
      await this.#signOutThere(prefix, sp, idp, { connect, binding });
    }
    if (kind !== 'pysaml2') return;
    await this.#read(prefix, idp, connect, REDIRECTED);
    if (isControl) return;
    await this.#hostile(sp, idp, connect);
    await this.#byPost(sp, idp, metadata);
  }

  /** Connects both sides in a way. The control has to be told what to expect; Symbolon takes either. */
  #connector(sp, idp, { id, metadata, isControl }) {
    return async (way) => {
      const settings = isControl ? { signed: way.sign ?? ['assertion', 'response'], encrypted: Boolean(way.encrypt) }
        : { extra: ['--single-logout', '--trust-email', '--groups-attribute', GROUPS[idp.constructor.name]] };
      const known = await sp.connect(id, metadata, settings);
      await idp.register(known, way);
      return known;
    };
  }

  async #signOutHere(prefix, sp, idp, connect) {
    await this.cases.run(`${prefix}/sign-out-here-signs-out-there`, async () => {
      await connect({});
      const browser = await idp.browser('bob');
      const person = await sp.signIn(browser);
      ensure(person.email === 'bob@contoso.example', JSON.stringify(person));
      await sp.signOut(browser);
      ensure(await sp.isSignedOut(browser), 'the session here goes on');
    });
  }

  async #signOutThere(prefix, sp, idp, { connect, binding }) {
    await this.cases.run(`${prefix}/sign-out-there-by-${binding}-signs-out-here`, async () => {
      await connect({});
      const browser = await idp.browser('bob');
      const person = await sp.signIn(browser);
      ensure(person.email === 'bob@contoso.example', JSON.stringify(person));
      const page = await browser.walk(idp.startLogout(binding));
      ensure(page.status === 200 && page.url.href.startsWith(idp.url), `ended at ${page.url.href} with ${page.status}: ${page.body.slice(0, 300)}`);
      if (idp instanceof Pysaml2) ensure(page.body.includes('"signed_out": true'), page.body);
      ensure(await sp.isSignedOut(browser), 'the session here goes on');
    });
  }

  /** The identity provider offers nothing but POST: python3-saml could not, so there is no control. */
  async #byPost(sp, idp, metadata) {
    const prefix = 'saml/pysaml2-by-post';
    await idp.seen();
    const onlyPost = metadata.replace(/<[^<>]*Single(?:SignOn|Logout)Service[^<>]*HTTP-Redirect[^<>]*\/>/g, '');
    ensure(onlyPost !== metadata && !onlyPost.includes('HTTP-Redirect'), 'the metadata has another form than expected');
    const connect = this.#connector(sp, idp, { id: 'pysaml2-post', metadata: onlyPost });
    await this.cases.run(`${prefix}/both-signed`, async () => {
      await connect({});
      const person = await sp.signIn(await idp.browser('alice'));
      ensure(person.email === 'alice@contoso.example', JSON.stringify(person));
    });
    await this.#signOutHere(prefix, sp, idp, connect);
    await this.#signOutThere(prefix, sp, idp, { connect, binding: 'post' });
    await this.#read(prefix, idp, connect, ['metadata', 'AuthnRequest-by-post', 'LogoutRequest-by-post', 'LogoutResponse-by-post']);
  }

  /** What Symbolon alone is asked: all of it must be refused, by the page that says so. */
  async #hostile(sp, idp, connect) {
    const { cases } = this;
    const refused = (answer, reason) => ensure(answer.status >= 400 && answer.status < 500 && answer.reasons?.includes(reason), JSON.stringify(answer));
    const caught = async (browser) => {
      const page = await browser.walk(sp.start(), { stop: sp.page('/acs'), connector: sp.id });
      ensure(page.form, `no response came: ${page.url?.href} ${page.status}`);
      return page.form;
    };
    await cases.run('saml/pysaml2/triple-des-is-refused', async () => {
      await connect({ encrypt: 'default' });
      refused(await sp.signIn(await idp.browser('alice')), 'saml.encryption_algorithm');
    });
    await cases.run('saml/pysaml2/prefix-outside-of-the-verified-bytes-is-refused', async () => {
      await connect(OUTSIDE);
      refused(await sp.signIn(await idp.browser('alice')), 'saml.decryption_failed');
    });
    await cases.run('saml/pysaml2/replay-is-refused', async () => {
      await connect({});
      const browser = await idp.browser('alice');
      const form = await caught(browser);
      ensure((await sp.post(form, browser)).email, 'the first did not sign in');
      const again = await sp.post(form, browser);
      ensure(again.status >= 400 && again.status < 500, JSON.stringify(again));
    });
    await cases.run('saml/pysaml2/response-in-another-browser-is-refused', async () => {
      await connect({});
      const form = await caught(await idp.browser('alice'));
      const stranger = await sp.post(form);
      ensure(stranger.status >= 400 && stranger.status < 500, JSON.stringify(stranger));
    });
  }

  /** The schemas and python3-saml read all that went to pysaml2, and the metadata. */
  async #read(prefix, idp, connect, expected) {
    const { cases } = this;
    const isControl = prefix.startsWith('saml-control');
    // The control publishes a key for encryption only when it expects some.
    const known = await cases.run(`${prefix}/metadata-for-the-readers`, () => connect({ encrypt: 'aes256-cbc' }));
    if (!known) return;
    const messages = (await idp.seen()).map((message) => ({ ...message, url: `${idp.url}${message.path}` }));
    const read = async (what) => JSON.parse(await run(PYTHON, [script('saml_reader.py')], { input: JSON.stringify(what) }));
    const readings = await read({ metadata: known.xml, messages });
    for (const what of expected) {
      await cases.run(`${prefix}/readers-take-our-${what}`, async () => {
        const found = readings.filter((one) => one.what === what);
        ensure(found.length, `none was sent, only ${[...new Set(readings.map((one) => one.what))]}`);
        const problems = [...new Set(found.flatMap((one) => one.problems))]
          // python3-saml signs its metadata only when told.
          .filter((problem) => !(isControl && problem === 'not signed'));
        ensure(problems.length === 0, problems.join('; '));
      });
    }
    const signed = messages.find(({ binding }) => binding === 'redirect');
    if (!signed) return;
    await cases.run(`${prefix}/readers-see-a-changed-byte`, async () => {
      const raw = signed.raw.replace(/RelayState=[^&]/, 'RelayState=*');
      ensure(raw !== signed.raw, 'there is no RelayState to change');
      const [, { problems }] = await read({ metadata: known.xml, messages: [{ ...signed, raw }] });
      ensure(problems.some((problem) => problem.includes('verifies the query')), problems.join('; '));
    });
  }
}
/** spid-sp-test attacks Symbolon's ACS, configured as a provider of Italy's SPID would have it. */
export async function spidAgainst(cases, sp) {
  const ready = await cases.run('spid/connector', async () => {
    await sp.connect('spid', await spidMetadata(), { extra: SPID_SETTINGS });
    return true;
  });
  if (!ready) return;
  const found = await cases.run(`spid/at-least-${TARGET}-of-111`, async () => {
    const all = await spid(sp.start(), { connector: sp.id, application: sp.redirectUri });
    ensure(all.passes >= TARGET, `${all.passes} of 111`);
    return all;
  }, { seconds: 600 });
  if (!found) return;
  await cases.run('spid/misses-are-the-explained-ones', async () => {
    const missed = found.misses.map((one) => one.case);
    ensure(missed.join() === EXPLAINED.join(), `missed ${missed}, explained are ${EXPLAINED}`);
  });
  await cases.run('spid/each-refusal-names-its-rule', async () => {
    ensure(found.unnamed.length === 0, `no reason code in ${found.unnamed}`);
  });
}

/** SPID wants both signed, its own three levels, and a transient NameID beside the attribute that lasts. */
const SPID_SETTINGS = [
  '--signed', 'both', '--subject-attribute', 'spidCode',
  ...[1, 2, 3].flatMap((level) => ['--context', `https://www.spid.gov.it/SpidL${level}`]),
];
