// A browser without JavaScript: cookies, redirects, and the forms and links that a person would use.
// Not built on fetch, which announces itself as a script (`Sec-Fetch-Mode: cors`) and is refused as one.

import { request as plainly } from 'node:http';
import { request as overTls } from 'node:https';

const MOST_STEPS = 25;

export class Browser {
  #jar = new Map();

  /** What a person types, by field name. */
  typed = { login: 'alice', password: 'any' };

  /** Which buttons a person prefers where there are several: attributes of each. */
  pressed = [];

  /** The pages of the last walk, redirects among them. */
  pages = [];

  /** Goes to `url`, with `form` posted to it, and on, until an address starts with `stop` (given back) or a page needs a person. */
  async walk(url, { stop, connector, form } = {}) {
    let request = { url: new URL(url), form, origin: form && 'null' };
    this.pages = [];
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (stop && request.url.href.startsWith(stop)) return { arrived: request.url, form: request.form };
      const page = await this.#send(request);
      this.pages.push(page);
      const next = this.#next(page, connector);
      if (!next) return page;
      request = next;
    }
    throw new Error(`more than ${MOST_STEPS} steps, the last to ${request.url.href}`);
  }

  async #send({ url, form, origin }) {
    const headers = { accept: 'text/html,application/xhtml+xml', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    const cookies = this.#cookies(url);
    if (cookies) headers.cookie = cookies;
    if (form) headers['content-type'] = 'application/x-www-form-urlencoded';
    if (origin) headers.origin = origin;
    const { response, body } = await exchange(url, form ? 'POST' : 'GET', headers, form?.toString());
    for (const cookie of response.headers['set-cookie'] ?? []) this.#take(url, cookie);
    return { url, status: response.statusCode, headers: new Headers(pairs(response)), body };
  }

  #next(page, connector) {
    const { url, status, headers, body } = page;
    if (status >= 300 && status < 400) return { url: new URL(headers.get('location'), url) };
    if (status >= 400) return undefined;
    const refresh = tags(body, 'meta').find((meta) => /^refresh$/i.test(meta['http-equiv'] ?? ''));
    if (refresh) return { url: new URL(refresh.content.replace(/^[^=]*=\s*/, '').replace(/^'|'$/g, ''), url) };
    const link = tags(body, 'a').find((a) => a.id === `connector-${connector}`);
    if (link) return { url: new URL(link.href, url) };
    return this.#form(page, connector);
  }

  #form({ url, body }, connector) {
    const forms = [...body.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)];
    const prefers = ([, , inside]) => tags(inside, 'button').some((button) => this.#prefers(button));
    for (const [, head, inside] of [...forms.filter(prefers), ...forms.filter((form) => !prefers(form))]) {
      const form = attributes(head);
      const fields = new URLSearchParams();
      for (const input of tags(inside, 'input')) {
        if (!input.name || ['submit', 'checkbox', 'radio'].includes(input.type)) continue;
        fields.append(input.name, input.value || this.typed[input.name] || '');
      }
      const button = [...tags(inside, 'button'), ...tags(body, 'button').filter((one) => form.id && one.form === form.id)]
        .find((one) => one.id === `connector-${connector}` || this.#prefers(one));
      if (button?.name) fields.append(button.name, button.value ?? '');
      // A person fills what a person sees.
      const hidden = new Set(tags(inside, 'input').filter((input) => input.type === 'hidden').map((input) => input.name));
      const needsMore = [...fields].some(([name, value]) => value === '' && !hidden.has(name));
      if (needsMore && !button) continue;
      const target = new URL(form.action || url.href, url);
      if (/^post$/i.test(form.method ?? '')) return { url: target, form: fields, origin: url.origin };
      target.search = fields.toString();
      return { url: target };
    }
    return undefined;
  }

  #prefers(button) {
    return this.pressed.some((wanted) => Object.entries(wanted).every(([name, value]) => button[name] === value));
  }

  #cookies(url) {
    const mine = [...this.#jar].filter(([key]) => key.startsWith(`${url.hostname} `));
    return mine.map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
  }

  #take(url, header) {
    const [pair, ...rest] = header.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const key = `${url.hostname} ${pair.slice(0, at)}`;
    const has_ended = rest.some((part) => /^max-age=(0|-)/i.test(part)
      || (/^expires=/i.test(part) && Date.parse(part.slice(8)) < Date.now()));
    if (has_ended) this.#jar.delete(key);
    else this.#jar.set(key, pair.slice(at + 1));
  }
}

function exchange(url, method, headers, content) {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? overTls : plainly;
    const sending = send(url, { method, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ response, body: Buffer.concat(parts).toString('utf8') }));
      response.on('error', reject);
    });
    sending.on('error', reject);
    sending.end(content);
  });
}

function pairs({ headers }) {
  return Object.entries(headers).filter(([name]) => name !== 'set-cookie');
}

/** The attributes of all tags of a name. */
export function tags(html, name) {
  return [...html.matchAll(new RegExp(`<${name}\\b([^>]*)>`, 'gi'))].map(([, head]) => attributes(head));
}

function attributes(head) {
  const found = head.matchAll(/([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return Object.fromEntries([...found].map(([, name, a, b, c]) => [name.toLowerCase(), unescaped(a ?? b ?? c ?? '')]));
}

function unescaped(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_, code) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&(\w+);/g, (all, name) => named[name] ?? all);
}

/** The words of a page, shortened. */
export function plain(html) {
  return html.replace(/<(style|script)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim().slice(0, 200);
}
