import { countAll } from './delivery-counts';
import type { Paint } from './paint';
import { BLANK, compare, takePicture, type Picture } from './picture';
import { stepLines } from './step-lines';
import { STORY } from './story';
import type { Step } from './story-step';
import type { World } from './world';

export interface Played {
  readonly compared: number;
  readonly differences: readonly string[];
}

/** Plays the story on the world, printing as it goes. */
export async function play(world: World, print: (lines: readonly string[]) => void, paint: Paint): Promise<Played> {
  const differences: string[] = [];
  let compared = 0;
  let books = BLANK.balances;
  const last = new Map<string, Picture>();
  for (const [index, step] of STORY.entries()) {
    const before = { ...(last.get(step.who) ?? BLANK), balances: books };
    const { after, lines } = await playStep(world, step, index + 1, before, paint);
    last.set(step.who, after);
    books = after.balances;
    const result = compare(step.expect, after);
    compared += result.compared;
    const wrong = result.differences.map((difference) => `step ${index + 1}: ${difference}`);
    differences.push(...wrong);
    print([...lines, ...wrong.map((line) => paint.red(`      ✗ ${line}`))]);
  }
  return { compared, differences };
}

async function playStep(
  world: World,
  { at, title, who, act }: Step,
  number: number,
  before: Picture,
  paint: Paint,
): Promise<{ after: Picture; lines: string[] }> {
  const sentBefore = await world.stripe.senders();
  await world.moveTo(new Date(at));
  await world.dun();
  const told = act ? await act(world) : [];
  await world.settle();
  if (act) await world.dun();
  const after = await takePicture(world, who);
  const webhooks = countAll(await world.stripe.senders(), sentBefore);
  return { after, lines: stepLines({ number, at: new Date(at), title, told, before, after, webhooks }, paint) };
}
