/** Facts of these aggregates cannot be projected; nothing is wrong with the others of the same batch. */
export class AggregatesFailedError extends Error {
  /** @param failures what each met, by aggregate. */
  constructor(readonly failures: ReadonlyMap<string, unknown>) {
    super(`${failures.size} aggregates cannot be projected`);
  }
}
