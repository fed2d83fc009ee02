// Cases: one printed line each, `ok NAME` or `FAIL NAME why`.

const LIMIT_MS = 60_000;

export class Cases {
  passed = 0;
  failed = 0;

  async run(name, act) {
    let timer;
    const limit = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no end after ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    });
    try {
      const value = await Promise.race([act(), limit]);
      this.ok(name);
      return value;
    } catch (error) {
      this.fail(name, reason(error));
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  ok(name) {
    this.passed += 1;
    console.log(`ok ${name}`);
  }

  fail(name, why) {
    this.failed += 1;
    console.log(`FAIL ${name} ${why}`);
  }

  close() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

export function reason(error) {
  const parts = [error.message ?? String(error)];
  for (const name of ['error', 'error_description']) if (error[name]) parts.push(`${name}=${error[name]}`);
  if (error.cause) parts.push(`cause: ${error.cause.message ?? JSON.stringify(error.cause)}`);
  return parts.join(' ').replace(/\s+/g, ' ').slice(0, 500);
}

export function ensure(condition, message) {
  if (!condition) throw new Error(message);
}
