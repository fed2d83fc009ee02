// A real Chromium, told where to go: for what only a browser does, such as keeping cookies from other sites' forms.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ensure } from './cases.mjs';
import { answering, freePorts, start } from './processes.mjs';

const PATIENCE_MS = 30_000;

export class Chromium {
  /** `name`: of its profile and its log. */
  static async start(scratch, name = 'saml') {
    const chromium = new Chromium();
    const port = await freePorts();
    chromium.url = `http://127.0.0.1:${port}`;
    chromium.process = start('/usr/bin/chromedriver', [`--port=${port}`], { log: join(scratch, `chromedriver-${name}.log`) });
    await answering(`${chromium.url}/status`, chromium.process);
    const profile = mkdtempSync(join(scratch, `profile-${name}-`));
    const { sessionId } = await chromium.#tell('POST', '/session', { capabilities: { alwaysMatch: {
      browserName: 'chrome',
      'goog:chromeOptions': { binary: '/usr/bin/chromium', args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${profile}`] },
    } } });
    chromium.session = `/session/${sessionId}`;
    return chromium;
  }

  /** Opens an address, follows the connector's link if there is one, and waits until the address starts with `stop`. */
  async walk(url, { stop, connector }) {
    // The last page may be one that nobody serves: that it was called is all that counts.
    await this.open(url).catch(() => {});
    return this.reach(stop, [[`#connector-${connector}`]]);
  }

  async open(url) { await this.#tell('POST', `${this.session}/url`, { url }); }

  /**
   * Waits until the address starts with `stop`, and does on the way what a person would: for each `[button, texts]`
   * whose button is there, types the texts by field, and presses it.
   */
  async reach(stop, hands) {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const here = await this.#tell('GET', `${this.session}/url`);
      if (here.startsWith(stop)) return new URL(here);
      for (const [button, texts = {}] of hands) await this.#handle(button, texts).catch(() => {});
      if (Date.now() > until) {
        const source = await this.page();
        throw new Error(`stays at ${here}: ${source.replace(/<(style|script)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').slice(0, 300)}`);
      }
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }

  async #handle(button, texts) {
    for (const [field, text] of Object.entries(texts)) {
      const element = await this.#find(field);
      await this.#tell('POST', `${element}/clear`, {});
      await this.#tell('POST', `${element}/value`, { text });
    }
    await this.#tell('POST', `${await this.#find(button)}/click`, {});
  }

  async #find(selector) {
    const found = await this.#tell('POST', `${this.session}/element`, { using: 'css selector', value: selector });
    return `${this.session}/element/${Object.values(found)[0]}`;
  }

  /** Runs the body of an asynchronous function on the page, with `args`; gives what it returns, or `{ problem }`. */
  async run(body, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      (async (...args) => { ${body} })(...Array.from(arguments).slice(0, -1)).then(done, (error) => done({ problem: String(error) }));`;
    return this.#tell('POST', `${this.session}/execute/async`, { script, args });
  }

  /** Sets width and wished theme of all pages from now on. */
  async looks({ width, theme }) {
    await this.#devtools('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: width < 500 });
    await this.#devtools('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: theme }] });
  }

  /** A picture of the whole page, as PNG. */
  async picture(file) {
    const { data } = await this.#devtools('Page.captureScreenshot', { captureBeyondViewport: true });
    writeFileSync(file, Buffer.from(data, 'base64'));
  }

  /** A command of Chromium's own, beside the WebDriver standard. */
  async #devtools(cmd, params) { return this.#tell('POST', `${this.session}/goog/cdp/execute`, { cmd, params }); }

  /** The page that is shown. */
  async page() { return this.#tell('GET', `${this.session}/source`); }

  async stop() {
    await this.#tell('DELETE', this.session).catch(() => {});
    this.process.kill('SIGTERM');
  }

  async #tell(method, path, body) {
    const response = await fetch(`${this.url}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    ensure(response.ok, `${path}: ${value?.message}`);
    return value;
  }
}
