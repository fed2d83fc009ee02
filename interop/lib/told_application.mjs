// An application in another language, which is told by lines: it says where to begin, we are its browser, and it says
// what came of it.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { plain } from './browser.mjs';
import { ensure } from './cases.mjs';
import { CALLBACK } from './op/registrations.mjs';

/** Runs it at `stand` (see `applications.mjs`); gives what it said by step, and its last `problem`. */
export async function tell(stand, program, args, settings) {
  const child = spawn(program, [...args, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise((_, reject) => { child.on('error', reject); });
  const steps = {};
  const listen = async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line);
      if (said.url) child.stdin.write(`${await browse(stand, said.url)}\n`);
      else if (said.problem) steps.problem = said.problem;
      else steps[said.step] = said;
    }
  };
  try {
    await Promise.race([listen(), failed]);
  } finally {
    child.kill('SIGTERM');
  }
  ensure(steps['code-and-id-token'], steps.problem ?? 'it said nothing');
  return steps;
}

/** Goes where it says, as somebody who agrees; gives the address at which the application was reached, if it was. */
async function browse(stand, url) {
  const page = await stand.somebody().walk(url, { stop: CALLBACK, connector: stand.connector });
  ensure(page.arrived || page.status < 400, `stopped at ${page.url?.href} with ${page.status}: ${plain(page.body ?? '')}`);
  return page.arrived?.href ?? '';
}

/** One case a step, each judged by a function of what was said. */
export async function judgeSteps(cases, prefix, steps, judges) {
  for (const [name, judge] of Object.entries(judges)) {
    await cases.run(`${prefix}/${name}`, async () => {
      ensure(steps?.[name], `not reached: ${steps?.problem ?? 'there was no sign-in'}`);
      ensure(judge(steps[name]), JSON.stringify(steps[name]));
    });
  }
}
