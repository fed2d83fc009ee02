// The Python counterparties: their interpreter, and the keys that a run makes for them.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from './processes.mjs';

/** The interpreter of the environment that run.sh made. */
export const PYTHON = process.env.INTEROP_PYTHON
  ?? join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME, '.cache'), 'symbolon', 'interop-py', 'bin', 'python');

export const script = (name) => fileURLToPath(new URL(name, import.meta.url));

/** An RSA key and its certificate, made now; gives their paths. */
export async function makeKey(folder, name) {
  const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  await run('openssl', ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-days', '2', '-subj', `/CN=${name}`,
    '-keyout', key, '-out', certificate]);
  return { certificate, key };
}
