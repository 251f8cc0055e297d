import type { Finding } from './promise';
import { PROMISES_OF_BOOKS } from './promises-books';
import { PROMISES_OF_EVENTS } from './promises-events';
import { PROMISES_OF_STATE } from './promises-state';
import { PROMISES_OF_WISE } from './promises-wise';
import type { Played } from './play';
import type { World } from './world';

export interface Kept extends Finding {
  readonly text: string;
}

/** Everything that must hold at the end, in the order in which it is told. */
export async function checkPromises(world: World, played: Played): Promise<readonly Kept[]> {
  const kept: Kept[] = [
    {
      text: 'every step came out as worked out beforehand',
      seen: `${played.compared} figures, dates and states`,
      wrong: played.differences,
    },
  ];
  const promised = [...PROMISES_OF_BOOKS, ...PROMISES_OF_EVENTS, ...PROMISES_OF_STATE, ...PROMISES_OF_WISE];
  for (const { text, check } of promised) {
    kept.push({ text, ...(await check(world)) });
  }
  return kept;
}
