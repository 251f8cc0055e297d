import { Matches } from 'class-validator';

/** Ids, types and actions, ours and providers', are plain ASCII, and what is none finds nothing. */
export const IsWord = (): PropertyDecorator =>
  Matches(/^[\x21-\x7e]{1,255}$/, { message: '$property must be 1 to 255 printable ASCII characters' });
