// Applications that others wrote: what they register, and their cases at the control and at Symbolon.

import { authlib, authlibRegistrations } from './authlib.mjs';
import { Browser } from './browser.mjs';
import { PageApplication } from './browser_application.mjs';
import { goMetadata, goOidc } from './go_oidc.mjs';
import { apache, apacheMetadata } from './mod_auth_openidc.mjs';
import { BUTTONS, INITIAL_ACCESS_TOKEN, startProvider } from './oidc_provider.mjs';
import { Receiver } from './op/receiver.mjs';
import { registrations } from './op/registrations.mjs';
import { Trial, compare } from './op/trial.mjs';
import { freePorts } from './processes.mjs';

const SECRET = 'interop-secret-of-the-control-0123456789';

/** The tenant of Symbolon, and its only connector, at which they are registered. */
const [TENANT, CONNECTOR] = ['single', 'only'];
/** What a person does on the pages of npm oidc-provider in a real browser. */
const SIGN_IN = [['button[type=submit]', { 'input[name=login]': 'alice', 'input[name=password]': 'any' }], ['button[type=submit]']];

export class Applications {
  static async start(cases, scratch) {
    const all = Object.assign(new Applications(), { cases, scratch });
    all.receiver = await Receiver.start(await freePorts());
    Object.assign(all, await registrations(all.receiver));
    all.authlib = await authlibRegistrations(scratch);
    all.page = await PageApplication.start();
    all.passed = {};
    return all;
  }

  /** At npm oidc-provider, for which everything is registered before it starts. */
  async control(wants) {
    const apachePort = await freePorts();
    const registered = Object.entries(this.#metadata(apachePort)).map(([id, metadata]) => {
      const secret = metadata.token_endpoint_auth_method.startsWith('client_secret') ? { client_secret: SECRET } : {};
      return [id, { client_id: id, ...secret, ...metadata }];
    });
    const provider = await startProvider(await freePorts(), registered.map(([, one]) => one), { takesPosts: true });
    const stand = this.#stand({
      name: 'oidc-provider', issuer: provider.issuer, registrations: Object.fromEntries(registered), buttons: BUTTONS,
      initialAccessToken: INITIAL_ACCESS_TOKEN, apachePort, signInPath: '/interaction/',
    });
    await this.#meet('control', stand, wants);
    provider.stop();
    if (wants('page')) await this.#controlOfPage();
  }

  /** A real browser wants a provider that takes no requests by a form, see `startProvider`. */
  async #controlOfPage() {
    const provider = await startProvider(await freePorts(), [{ client_id: 'page', ...this.page.metadata.page }]);
    await this.page.meet(this.cases, 'control/page', { issuer: provider.issuer, hands: SIGN_IN }, this.scratch);
    provider.stop();
  }

  /** At Symbolon, by its command line. */
  async symbolon(symbolon, wants) {
    const apachePort = await freePorts();
    const registered = {};
    for (const [id, metadata] of Object.entries(this.#metadata(apachePort))) {
      await this.cases.run(`symbolon/registers-${id}`, async () => { registered[id] = await symbolon.register(TENANT, id, metadata); });
    }
    const stand = this.#stand({
      name: 'symbolon', issuer: symbolon.issuer(TENANT), connector: CONNECTOR, registrations: registered, buttons: symbolon.buttons,
      initialAccessToken: await symbolon.initialAccessToken(TENANT), apachePort, signInPath: '/callback/',
    });
    await this.#meet('symbolon', stand, wants);
    if (wants('page')) {
      await this.page.meet(this.cases, 'symbolon/page', { issuer: stand.issuer, hands: [[`#connector-${CONNECTOR}`], ...SIGN_IN] }, this.scratch);
    }
  }

  /** A provider with all that its visitors need of it. */
  #stand(provider) {
    return {
      ...provider, receiver: this.receiver, keys: this.keys,
      /** A browser of somebody who agrees where they are asked. */
      somebody: (pressed = provider.buttons.allow) => Object.assign(new Browser(), { pressed }),
    };
  }

  async #meet(side, stand, wants) {
    if (wants('application')) this.passed[side] = { name: stand.name, passed: await new Trial(stand).run(this.cases) };
    if (wants('apache')) await apache(this.cases, `${side}/mod-auth-openidc`, stand, this.scratch);
    if (wants('authlib')) await authlib(this.cases, `${side}/authlib`, stand, this.authlib.key);
    if (wants('go')) await goOidc(this.cases, `${side}/go-oidc`, stand);
  }

  #metadata(apachePort) {
    return { ...this.metadata, ...this.authlib.metadata, ...goMetadata, ...this.page.metadata, apache: apacheMetadata(apachePort) };
  }

  /** The last word of openid-client, if it has seen both. */
  close() {
    const { symbolon, control } = this.passed;
    if (symbolon && control) compare(this.cases, symbolon, control);
    this.receiver.stop();
    this.page.stop();
  }
}
