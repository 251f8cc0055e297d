import { randomBytes } from 'node:crypto';

/** Columns and values of one row; what a factory leaves out has a default. */
export type RowValues = Readonly<Record<string, unknown>>;

/** Whom a row belongs to, and what it refers to. */
export interface RowContext {
  readonly customerId: string;
}

export const AT = '2026-01-01T00:00:00Z';
export const unique = (prefix: string): string => `${prefix}_${randomBytes(8).toString('hex')}`;
