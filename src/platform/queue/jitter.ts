/** A fraction in [0, 1) that spreads retries; the one place that is random on purpose, so that rules stay functions. */
export function jitter(): number {
  return Math.random();
}
