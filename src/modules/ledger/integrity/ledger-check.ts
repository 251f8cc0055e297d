import type { Snapshot } from '../../../platform/database';

/** Something that is not as it should be. */
export interface Finding {
  /** Which rule it breaks. */
  kind: string;
  /** What it is about: a key, an id, a seal's number. */
  subject: string;
  /** For an operator. */
  message: string;
}

export interface CheckContext {
  /** The books as of one moment; one cursor at a time. */
  snapshot: Snapshot;
  /** As many as there are: what becomes of them is the caller's. */
  report: (finding: Finding) => void;
  /** Asked to stop; checked between batches. */
  signal?: AbortSignal | undefined;
}

/** One proof over the whole of the books, in bounded memory. Another one is a file with this and a line in `LedgerChecks`. */
export interface LedgerCheck {
  /** The kinds of findings it can make. */
  readonly kinds: readonly string[];
  /** @returns how much it has looked at, by name. */
  run: (context: CheckContext) => Promise<Readonly<Record<string, number>>>;
}
