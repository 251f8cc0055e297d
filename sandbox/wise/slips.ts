import type { WiseBook } from './book';
import type { MovementRecord } from './state';

export type Restatement = Partial<Pick<MovementRecord, 'amount' | 'fee' | 'at' | 'reference' | 'currency'>>;

/** Wise's statement says something else than it did; nobody is told, and the balance stays. @throws WiseSandboxError */
export function restate(book: WiseBook, id: number, change: Restatement): MovementRecord {
  return Object.assign(book.movement(id), change);
}

/** The same movement is there twice. @throws WiseSandboxError */
export function repeat(book: WiseBook, id: number, now: number): MovementRecord {
  const again = { ...book.movement(id), id: book.nextId(), at: book.tick(now) };
  book.movements.push(again);
  return again;
}

/** It is in no statement any more. @throws WiseSandboxError */
export function lose(book: WiseBook, id: number): MovementRecord {
  const movement = book.movement(id);
  book.movements.splice(book.movements.indexOf(movement), 1);
  return movement;
}
