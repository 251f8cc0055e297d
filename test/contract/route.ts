/** Who may call: everybody, a provider by its signature, our own servers, the scheduler, or users with one of these roles. */
export type Auth = 'public' | 'signed' | 'internal' | 'cron' | readonly ('user' | 'support' | 'finance' | 'admin')[];

/** A route as callers may rely on it. */
export interface Route {
  readonly auth: Auth;
  readonly status: number;
  /** Body fields that must be there: none may be added, it would break who calls today. */
  readonly requires?: readonly string[];
  /** Body fields that may be left out. */
  readonly takes?: readonly string[];
  readonly query?: readonly string[];
  /** Paths of the answer's fields, arrays seen through, `*` for any key. The answer may say more. Absent: no JSON. */
  readonly answers?: readonly string[];
}

export const of = (field: string, fields: readonly string[]): string[] => fields.map((each) => `${field}.${each}`);
export const list = (fields: readonly string[]): string[] => ['nextCursor', ...of('data', fields)];
export const PAGE = ['limit', 'cursor'];

export const words = (text: string): string[] => text.trim().split(/\s+/);
