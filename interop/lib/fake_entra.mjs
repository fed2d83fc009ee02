// The testkit's mock of Microsoft Entra ID as a process, behind TLS: MSAL speaks https only.

import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'node:tls';

import { freePorts, start } from './processes.mjs';

export const CONTOSO = '3a4e0000-1111-4222-8333-444444444444';
export const FABRIKAM = '3a4e0001-1111-4222-8333-444444444444';
export const ADMINS = '3a4e0002-0001-4222-8333-444444444444';
export const VIEWERS = '3a4e0002-0002-4222-8333-444444444444';

/** Carol is in this many groups, and by one of them in the Viewers: one more than a token holds. */
const TEAMS = 200;
const team = (number) => `3a4e0003-0001-4222-8333-${String(number).padStart(12, '0')}`;

function person(key, number, name, groups, more = {}) {
  return {
    key, id: `3a4e0004-0001-4222-8333-${String(number).padStart(12, '0')}`, groups,
    properties: {
      displayName: name, mail: `${key}@contoso.example`, userPrincipalName: `${key}@contoso.example`,
      department: 'Engineering', ...more,
    },
  };
}

/** Two companies; `applications` are registered in the first, and the second consents to `visitors`. */
function world(publicUrl, applications, visitors) {
  const teams = Array.from({ length: TEAMS }, (_, at) => (
    { id: team(at + 1), name: `Team ${at + 1}`, inside: at === 0 ? [VIEWERS] : [] }));
  return {
    public_url: publicUrl,
    directories: [
      {
        id: CONTOSO, domain: 'contoso.onmicrosoft.com', name: 'Contoso',
        groups: [{ id: ADMINS, name: 'Noxys Admins' }, { id: VIEWERS, name: 'Noxys Viewers' }, ...teams],
        people: [
          person('alice', 1, 'Alice Martin', [ADMINS], { jobTitle: 'Security Engineer', officeLocation: 'Paris' }),
          person('bob', 2, 'Bob Dupont', [VIEWERS]),
          person('carol', 3, 'Carol Chen', teams.map(({ id }) => id)),
        ],
        applications,
      },
      {
        id: FABRIKAM, domain: 'fabrikam.onmicrosoft.com', name: 'Fabrikam', consents_to: visitors,
        people: [{ key: 'frank', id: '3a4e0005-0001-4222-8333-444444444444', properties: { mail: 'frank@fabrikam.example' } }],
      },
    ],
  };
}

export class FakeEntra {
  /** `tls`: the folder with `ca.pem`, `tls.pem` and `tls.key` that run.sh made. */
  static async start({ binary, scratch, tls, applications, visitors }) {
    const entra = new FakeEntra();
    const port = await freePorts();
    entra.host = `localhost:${port}`;
    entra.url = `https://${entra.host}`;
    const file = join(scratch, 'entra.json');
    writeFileSync(file, JSON.stringify(world(entra.url, applications, visitors)));
    entra.process = start(binary, [file], { log: join(scratch, 'fake_entra.log'), stdin: 'pipe' });
    entra.lines = createInterface({ input: entra.process.stdout })[Symbol.asyncIterator]();
    const { url } = await entra.#answer();
    const target = new URL(url);
    const pem = (name) => readFileSync(join(tls, name));
    entra.server = createServer({ key: pem('tls.key'), cert: pem('tls.pem') }, (socket) => {
      const behind = createConnection(target.port, target.hostname);
      const close = () => { socket.destroy(); behind.destroy(); };
      socket.on('error', close);
      behind.on('error', close);
      socket.pipe(behind).pipe(socket);
    });
    await new Promise((resolve, reject) => {
      entra.server.on('error', reject);
      entra.server.listen(port, '127.0.0.1', resolve);
    });
    return entra;
  }

  /** Tells the mock something; see `broker/testkit/src/bin/fake_entra.rs`. */
  async tell(order) {
    this.process.stdin.write(`${JSON.stringify(order)}\n`);
    const answer = await this.#answer();
    if (answer.error) throw new Error(`the mock of Entra: ${answer.error}`);
    return answer;
  }

  async #answer() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(this.process.problem ?? 'the mock of Entra has ended');
    return JSON.parse(value);
  }

  stop() {
    this.server?.close();
    this.process.stdin.end();
  }
}
