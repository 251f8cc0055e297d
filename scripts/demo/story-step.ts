import type { Expected } from './picture';
import type { Person, World } from './world';

/** One thing that happens, and exactly what Kassa must say afterwards. */
export interface Step {
  /** Both clocks are moved here first. */
  readonly at: string;
  readonly title: string;
  /** Whose subscription is looked at. */
  readonly who: Person;
  readonly act?: (world: World) => Promise<readonly string[]>;
  readonly expect: Expected;
}

export const BASIC = { api_calls: 10_000, projects: 3, seats: 1 };
export const PRO = { api_calls: 250_000, projects: 50, seats: 10, priority_support: null };
export const NOTHING = { access: {}, accessUntil: null };
