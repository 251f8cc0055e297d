// Preloaded into a process whose clock is to be wrong: `TEST_CLOCK_SKEW_MS` milliseconds ahead of the machine's, or behind.
const skew = Number(process.env.TEST_CLOCK_SKEW_MS);
const now = Date.now.bind(Date);

globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [now() + skew] : given));
  }

  static now() {
    return now() + skew;
  }
};
