// An application that lives in a page: npm oidc-client-ts in a real Chromium, which keeps to what the provider allows
// of other origins (CORS).

import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

import { ensure } from './cases.mjs';
import { OFFLINE } from './op/registrations.mjs';
import { freePorts } from './processes.mjs';
import { Chromium } from './webdriver.mjs';

const LIBRARY = fileURLToPath(import.meta.resolve('oidc-client-ts/package.json')).replace('package.json', 'dist/browser/oidc-client-ts.min.js');
const PAGE = '<!doctype html><title>A page</title><script src="/library.js"></script>';

/** The page at two origins: one is registered, the other is anybody's. */
export class PageApplication {
  static async start() {
    const application = new PageApplication();
    application.servers = [];
    for (const name of ['own', 'foreign']) {
      const port = await freePorts();
      application[name] = `http://127.0.0.1:${port}`;
      const server = createServer((request, response) => answer(request, response)).listen(port, '127.0.0.1');
      await once(server, 'listening');
      application.servers.push(server);
    }
    application.metadata = {
      page: {
        redirect_uris: [`${application.own}/callback`], token_endpoint_auth_method: 'none', scope: OFFLINE.scope,
        grant_types: ['authorization_code', 'refresh_token'],
      },
    };
    return application;
  }

  /** `hands`: what a person does on the pages of the provider, see `Chromium.reach`. */
  async meet(cases, prefix, { issuer, hands }, scratch) {
    const chromium = await Chromium.start(scratch, prefix.replaceAll('/', '-'));
    try {
      const settings = { authority: issuer, client_id: 'page', redirect_uri: `${this.own}/callback`, ...OFFLINE, loadUserInfo: true };
      const user = await cases.run(`${prefix}/page-signs-in-and-reads-userinfo`, () => this.#signIn(chromium, settings, hands));
      await cases.run(`${prefix}/page-refreshes`, async () => {
        const renewed = await chromium.run('const user = await new oidc.UserManager(args[0]).signinSilent(); return { token: user.access_token };', settings);
        ensure(renewed?.token && renewed.token !== user?.token, JSON.stringify(renewed));
      });
      await cases.run(`${prefix}/foreign-page-reads-discovery-and-no-more`, () => this.#foreign(chromium, issuer, user));
    } finally {
      await chromium.stop();
    }
  }

  async #signIn(chromium, settings, hands) {
    await chromium.open(`${this.own}/`);
    // It leaves the page, so there is nothing to wait for here.
    await chromium.run('void new oidc.UserManager(args[0]).signinRedirect();', settings);
    await chromium.reach(`${this.own}/callback`, hands);
    const user = await chromium.run(
      'const { profile, access_token: token } = await new oidc.UserManager(args[0]).signinRedirectCallback(); return { email: profile.email, token };',
      settings,
    );
    ensure(user.email === 'alice@contoso.example', JSON.stringify(user));
    return user;
  }

  async #foreign(chromium, issuer, user) {
    await chromium.open(`${this.foreign}/`);
    const said = await chromium.run(`
      const [issuer, token] = args;
      const metadata = await (await fetch(issuer + '/.well-known/openid-configuration')).json();
      const read = (url, options) => fetch(url, options).then((response) => 'answered ' + response.status, () => 'unreadable');
      return {
        keys: await read(metadata.jwks_uri),
        token: await read(metadata.token_endpoint, { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'page', refresh_token: 'x' }) }),
        userinfo: await read(metadata.userinfo_endpoint, { headers: { authorization: 'Bearer ' + token } }),
        authorize: await read(metadata.authorization_endpoint + '?client_id=page'),
      };`, issuer, user?.token ?? 'none');
    ensure(said.keys === 'answered 200', JSON.stringify(said));
    for (const name of ['token', 'userinfo', 'authorize']) ensure(said[name] === 'unreadable', `${name}: ${said[name]}`);
  }

  stop() { for (const server of this.servers) { server.closeAllConnections(); server.close(); } }
}

function answer(request, response) {
  const is_library = request.url === '/library.js';
  response.setHeader('content-type', is_library ? 'text/javascript' : 'text/html');
  response.end(is_library ? readFileSync(LIBRARY) : PAGE);
}
