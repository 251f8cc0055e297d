import { Batcher, type BatcherOptions } from './batcher';

class ItemsFault extends Error {}

/** Runs only when told to, so that a test decides what comes while a batch is under way. */
function batcher(changes: Partial<BatcherOptions<string, string>> = {}) {
  const ran: (readonly string[])[] = [];
  const gates: (() => void)[] = [];
  const made = new Batcher<string, string>({
    run: async (batch) => {
      ran.push(batch);
      await new Promise<void>((resolve) => gates.push(resolve));
      if (batch.includes('poison')) throw new ItemsFault();
      if (batch.includes('down')) throw new Error('PostgreSQL is away');
      return batch.map((item) => `${item}!`);
    },
    isItemsFault: (error) => error instanceof ItemsFault,
    sizeOf: (item) => item.length,
    refusal: () => new Error('full'),
    lanes: 1,
    maxBatchItems: 100,
    maxBatchBytes: 1_000,
    maxItems: 1_000,
    maxBytes: 10_000,
    ...changes,
  });
  const turn = () => new Promise<void>(setImmediate);
  /** Lets every batch finish that is under way or follows. */
  const finish = async (): Promise<void> => {
    for (let quiet = 0; quiet < 5; quiet += 1) {
      await turn();
      if (gates.length > 0) quiet = 0;
      for (const open of gates.splice(0)) open();
    }
  };
  return { made, ran, turn, finish };
}

const outcomes = (answers: Promise<string>[]): Promise<string[]> =>
  Promise.all(answers.map((answer) => answer.catch((error: unknown) => (error as Error).message || 'poisoned')));

describe('the batcher', () => {
  it('starts at once when idle, and what comes meanwhile goes together', async () => {
    const { made, ran, turn, finish } = batcher();
    const first = made.submit('a');
    await turn();
    const rest = ['b', 'c', 'd'].map((item) => made.submit(item));
    await finish();
    expect(await Promise.all([first, ...rest])).toEqual(['a!', 'b!', 'c!', 'd!']);
    expect(ran).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'forgets nobody who comes the moment the last one is answered, %i steps after',
    async (steps) => {
      const { made } = batcher({ run: (batch) => Promise.resolve(batch.map((item) => `${item}!`)) });
      for (const item of ['a', 'b', 'c']) {
        await expect(made.submit(item)).resolves.toBe(`${item}!`);
        for (let step = 0; step < steps; step += 1) await Promise.resolve();
      }
      await made.drain();
    },
    5_000,
  );

  it('has no more under way than there are lanes', async () => {
    const { made, ran, turn, finish } = batcher({ lanes: 2 });
    const answers: Promise<string>[] = [];
    for (const item of ['a', 'b', 'c', 'd']) {
      answers.push(made.submit(item));
      await turn();
    }
    expect(ran).toEqual([['a'], ['b']]);
    await finish();
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!']);
    expect(ran[2]).toEqual(['c', 'd']);
  });

  it('bounds a batch by items and by bytes, and lets a giant go alone', async () => {
    const { made, ran, finish } = batcher({ maxBatchItems: 2, maxBatchBytes: 6 });
    const answers = ['a', 'b', 'cccc', 'dddd', 'eeeeeeeee', 'f'].map((item) => made.submit(item));
    await finish();
    await Promise.all(answers);
    expect(ran).toEqual([['a', 'b'], ['cccc'], ['dddd'], ['eeeeeeeee'], ['f']]);
  });

  it.each([1, 2, 5, 8])('answers everybody but the poison, wherever it stands (%i)', async (position) => {
    const { made, ran, finish } = batcher();
    const items = Array.from({ length: 9 }, (_, i) => (i === position ? 'poison' : `i${i}`));
    const answers = outcomes(items.map((item) => made.submit(item)));
    await finish();
    expect(await answers).toEqual(items.map((item) => (item === 'poison' ? 'poisoned' : `${item}!`)));
    // Halving, not one by one.
    expect(ran.length).toBeLessThanOrEqual(9);
  });

  it('fails everybody at once when the fault is nobody’s, also in the middle of looking for a poison', async () => {
    const { made, ran, turn, finish } = batcher({ maxBatchItems: 4 });
    const batch = outcomes(['poison', 'down', 'a', 'b', 'later', 'still later'].map((item) => made.submit(item)));
    await turn();
    await finish();
    expect(await batch).toEqual(['poisoned', ...Array<string>(5).fill('PostgreSQL is away')]);
    expect(ran.length).toBeLessThanOrEqual(4);
    const after = made.submit('fine');
    await finish();
    expect(await after).toBe('fine!');
  });

  it('refuses what there is no room for, and has room again afterwards', async () => {
    const { made, finish } = batcher({ maxItems: 3, maxBytes: 10 });
    const held = [made.submit('aaa'), made.submit('bbb')];
    await expect(made.submit('ccccc')).rejects.toThrow('full');
    held.push(made.submit('c'));
    await expect(made.submit('d')).rejects.toThrow('full');
    await finish();
    await Promise.all(held);
    const next = made.submit('ddddddddd');
    await finish();
    expect(await next).toBe('ddddddddd!');
  });

  it('drains what waits', async () => {
    const { made, turn, finish } = batcher({ maxBatchItems: 1 });
    const answers = ['a', 'b', 'c'].map((item) => made.submit(item));
    let drained = false;
    const drain = made.drain().then(() => {
      drained = true;
    });
    await turn();
    expect(drained).toBe(false);
    await finish();
    await Promise.all([...answers, drain]);
    expect(drained).toBe(true);
  });
});
