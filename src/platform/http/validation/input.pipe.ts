import { Injectable, ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { validation, type AppError } from '../../../shared/app-error';

/** No request of ours is nested deeper; the libraries below recurse and would run out of stack on one that is. */
const MAX_DEPTH = 32;
const MAX_FIELDS = 50;

export interface FieldProblem {
  /** Dotted path, `lines.0.amount`. */
  readonly field: string;
  readonly message: string;
}

/** Pure: 400 INVALID_INPUT in the shape api.md promises. */
export function invalidInput(fields: readonly FieldProblem[]): AppError {
  return validation('INVALID_INPUT', 'The request is not valid', { fields });
}

/**
 * The global pipe: DTOs reject unknown fields and are transformed to their classes. Text with NUL is refused for every
 * parameter, because PostgreSQL refuses it and a caller's mistake must not become a 500.
 */
@Injectable()
export class InputPipe extends ValidationPipe {
  constructor() {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      forbidUnknownValues: true,
      exceptionFactory: (errors) => invalidInput(fieldProblemsOf(errors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'custom') {
      const message = unstorable(value);
      if (message !== undefined) throw invalidInput([{ field: metadata.data ?? metadata.type, message }]);
      const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (value !== undefined && value !== null && !isObject && this.toValidate(metadata)) {
        throw invalidInput([{ field: metadata.data ?? metadata.type, message: 'must be an object' }]);
      }
    }
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

/** Pure: why a value cannot be worked with at all. Goes through it level by level, for it may be nested to any depth. */
export function unstorable(value: unknown): string | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `must not be nested deeper than ${MAX_DEPTH} levels`;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'string') {
        if (item.includes('\u0000')) return 'must not contain the character U+0000';
      } else if (typeof item === 'object' && item !== null && !ArrayBuffer.isView(item)) {
        for (const [name, inner] of Object.entries(item)) {
          if (name.includes('\u0000')) return 'must not contain the character U+0000';
          next.push(inner);
        }
      }
    }
    level = next;
  }
  return undefined;
}

/** Pure: class-validator's tree as a flat list, the first problems only. */
export function fieldProblemsOf(errors: readonly ValidationError[], parent = ''): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const error of errors) {
    if (problems.length >= MAX_FIELDS) break;
    const field = parent === '' ? error.property : `${parent}.${error.property}`;
    for (const message of Object.values(error.constraints ?? {})) problems.push({ field, message });
    problems.push(...fieldProblemsOf(error.children ?? [], field));
  }
  return problems.slice(0, MAX_FIELDS);
}
