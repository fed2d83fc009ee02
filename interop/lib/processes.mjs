// Child processes that end with us, and waiting for what they serve.

import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:net';

const running = new Set();

/** Starts a program; its output goes to a log file. `stdin: 'pipe'` for one that is told things. */
export function start(program, args, { log, cwd, env, stdin = 'ignore' } = {}) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: [stdin, 'pipe', 'pipe'] });
  const file = createWriteStream(log);
  child.stdout.pipe(file);
  child.stderr.pipe(file);
  child.problem = undefined;
  child.on('error', (error) => { child.problem = error.message; });
  child.on('exit', (code, signal) => {
    running.delete(child);
    child.problem ??= `${program} ended with ${code ?? signal}, see ${log}`;
  });
  running.add(child);
  return child;
}

/** Runs a program to its end; gives what it printed. */
export function run(program, args, { cwd, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => { out += data; });
    child.stderr.on('data', (data) => { err += data; });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${program} ${args.join(' ')}: ended with ${code}: ${(err || out).trim().slice(-2000)}`));
    });
    child.stdin.end(input ?? '');
  });
}

/** Asks an address again and again until it answers below 500. */
export async function answering(url, child, seconds = 30) {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    if (child?.problem) throw new Error(child.problem);
    try {
      const response = await fetch(url, { redirect: 'manual' });
      await response.arrayBuffer();
      if (response.status < 500) return;
    } catch (error) {
      if (Date.now() > until) throw new Error(`${url} does not answer: ${error.cause?.message ?? error.message}`);
    }
    if (Date.now() > until) throw new Error(`${url} does not get ready`);
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

/** Free ports; `count` of them in a row. */
export async function freePorts(count = 1) {
  for (;;) {
    const first = await open(0);
    const base = first.address().port;
    const servers = [first];
    try {
      for (let next = 1; next < count; next += 1) servers.push(await open(base + next));
      return base;
    } catch {
      // A neighbour is taken: try elsewhere.
    } finally {
      await Promise.all(servers.map((server) => new Promise((resolve) => { server.close(resolve); })));
    }
  }
}

function open(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** Ends everything that was started here. */
export async function stopAll() {
  await Promise.all([...running].map((child) => new Promise((resolve) => {
    child.on('exit', resolve);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  })));
}
