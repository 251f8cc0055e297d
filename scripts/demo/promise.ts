import type { World } from './world';

/** What came of looking: what is to be seen, and what is wrong with it (nothing, as a rule). */
export interface Finding {
  readonly seen: string;
  readonly wrong: readonly string[];
}

export interface Promised {
  readonly text: string;
  readonly check: (world: World) => Promise<Finding>;
}
