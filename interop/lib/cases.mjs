// Cases: one printed line each, `ok NAME` or `FAIL NAME why`.

const LIMIT_SECONDS = 60;

export class Cases {
  passed = 0;
  failed = 0;

  skipped = 0;

  async run(name, act, { seconds = LIMIT_SECONDS } = {}) {
    let timer;
    const limit = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no end after ${seconds} s`)), seconds * 1000);
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

  /** A case that this machine cannot run, and why. */
  skip(name, why) {
    this.skipped += 1;
    console.log(`skip ${name} ${why}`);
  }

  close() {
    console.log(`${this.passed} passed, ${this.failed} failed${this.skipped ? `, ${this.skipped} skipped` : ''}`);
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
