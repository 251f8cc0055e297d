import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { invalidInput } from '../validation/input.pipe';

export const DEFAULT_LIMIT = 20;
export const MAX_LIMIT = 100;

/** `?limit=&cursor=` of every list; extend it for filters. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit: number = DEFAULT_LIMIT;

  @ApiPropertyOptional({ description: 'nextCursor of the page before' })
  @IsOptional()
  @IsString()
  @MaxLength(512)
  cursor?: string;
}

/** The place of a row in a list sorted by (createdAt, id): stable while rows are added, unlike an offset. */
export interface Keyset {
  readonly createdAt: Date;
  readonly id: string;
}

/** The answer of every list. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/** Pure: opaque to callers, base64url of `["<ISO time>","<id>"]`. */
export function encodeCursor({ createdAt, id }: Keyset): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

/**
 * Pure: the place a cursor names, undefined for none (the first page).
 * @throws INVALID_INPUT for anything `encodeCursor` did not make.
 */
export function decodeCursor(cursor: string | undefined): Keyset | undefined {
  if (cursor === undefined) return undefined;
  const parts = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (Array.isArray(parts) && parts.length === 2) {
    const [time, id] = parts as unknown[];
    if (typeof time === 'string' && typeof id === 'string' && !Number.isNaN(Date.parse(time))) {
      const keyset = { createdAt: new Date(time), id };
      // Only our own spelling, so that one place has one cursor and nothing odd (NUL, other time zones) gets through.
      if (encodeCursor(keyset) === cursor && !id.includes('\u0000')) return keyset;
    }
  }
  throw invalidInput([{ field: 'cursor', message: 'is not a cursor of this list' }]);
}

/**
 * Pure: a page from `limit + 1` rows in list order; the extra row only tells that there is more.
 * `keyset` gives a row's place, `present` its shape for the caller.
 */
export function pageOf<R, T>(
  rows: readonly R[],
  limit: number,
  keyset: (row: R) => Keyset,
  present: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(present),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keyset(last)) : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
