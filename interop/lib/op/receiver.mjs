// What an application serves to a provider: its keys, and where it is told that somebody signed out.

import { once } from 'node:events';
import { createServer } from 'node:http';

const PATIENCE_MS = 15_000;

export class Receiver {
  /** Keys by application. */
  jwks = new Map();
  /** What came to a back-channel address: application, content type, body. */
  logouts = [];

  static async start(port) {
    const receiver = new Receiver();
    receiver.url = `http://127.0.0.1:${port}`;
    receiver.server = createServer((request, response) => receiver.#answer(request, response)).listen(port, '127.0.0.1');
    await once(receiver.server, 'listening');
    return receiver;
  }

  jwksUri(application) { return `${this.url}/jwks/${application}`; }

  logoutUri(application) { return `${this.url}/backchannel/${application}`; }

  frontUri(application) { return `${this.url}/frontchannel/${application}`; }

  async #answer(request, response) {
    const [, what, application] = new URL(request.url, this.url).pathname.split('/');
    let body = '';
    for await (const part of request) body += part;
    if (what === 'jwks') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(this.jwks.get(application) ?? { keys: [] }));
      return;
    }
    if (what === 'backchannel') {
      this.logouts.push({ application, method: request.method, type: request.headers['content-type'], body });
    }
    response.end();
  }

  /** Waits for a message to an application that `fits`. */
  async logout(application, fits) {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = this.logouts.find((one) => one.application === application && fits(one));
      if (found) return found;
      if (Date.now() > until) throw new Error(`no logout token came within ${PATIENCE_MS / 1000} s, ${this.logouts.length} others did`);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  stop() { this.server.closeAllConnections(); this.server.close(); }
}
