// spid-sp-test, the attacking identity provider; `spid.py` is the program.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { ensure } from './cases.mjs';
import { run } from './processes.mjs';
import { PYTHON, script } from './python.mjs';

/** How many cases the tool has. */
export const ALL = 111;
/** What openid-provider.md's figure for python3-saml says; the control must come to the same. */
export const CONTROL = 81;
/** What Symbolon must come to. */
export const TARGET = 95;
/** Its only misses, each explained in `docs/src/explanation/saml-conformance.md`. */
export const EXPLAINED = ['46', '47', '49', '71', '76'];

export async function spidMetadata() { return run(PYTHON, [script('spid.py'), '--metadata']); }

/** Runs all cases against what `start` leads to; prints and gives the misses. */
export async function spid(start, { connector, application } = {}) {
  const args = [script('spid.py'), start];
  if (connector) args.push('--connector', connector);
  if (application) args.push('--application', application);
  const child = spawn(PYTHON, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => { errors = `${errors}${data}`.slice(-2000); });
  const lines = createInterface({ input: child.stdout });
  const found = { misses: [], reasons: {}, unnamed: [] };
  lines.on('line', (line) => {
    const one = JSON.parse(line);
    if (one.cases !== undefined) Object.assign(found, one);
    else if (!one.passed) found.misses.push(one);
    else if (one.status !== 200 && one.reasons.length === 0) found.unnamed.push(one.case);
    else for (const reason of one.reasons) found.reasons[reason] = (found.reasons[reason] ?? 0) + 1;
  });
  const code = await new Promise((resolve, reject) => { child.on('error', reject); child.on('close', resolve); });
  for (const { case: id, wants, status, reasons, title } of found.misses) {
    console.log(`   spid ${id} must be ${wants === 'accept' ? 'accepted' : 'refused'}, got ${status} ${reasons}: ${title}`);
  }
  ensure(code === 0 && found.cases === ALL, `${found.cases ?? 'no'} of ${ALL} cases ran; ended with ${code}: ${errors}`);
  console.log(`   spid ${found.passes} of ${found.cases}; refused for ${JSON.stringify(found.reasons)}`);
  return found;
}
