import { BACKFILL_STEPS, decodePlace, encodePlace, type BackfillPlace } from './backfill-cursor';

const UNTIL = Date.parse('2026-10-01T00:00:00Z');

describe('the cursor of a backfill', () => {
  it.each<BackfillPlace>([
    { step: 0, until: UNTIL },
    { step: 0, until: UNTIL, page: 'evt_1' },
    { step: 0, until: UNTIL, page: 'Production:MTcwMDAwMDAwMDAwMA==' },
    { step: 0, until: UNTIL, page: 'open:abcdef.AO-J1O' },
    { step: BACKFILL_STEPS.length - 1, until: UNTIL, madeBy: UNTIL - 1000 },
    { step: 4, until: UNTIL, page: 'sub_1', madeBy: 0 },
  ])('names a place: %j', (place) => {
    expect(decodePlace(encodePlace(place))).toEqual(place);
  });

  it.each([
    ['', 'nothing'],
    ['%%%', 'what is no base64url'],
    [text('{}'), 'another shape'],
    [text([0, UNTIL, null]), 'too little'],
    [text([7, UNTIL, null, null]), 'a step there is not'],
    [text([0.5, UNTIL, null, null]), 'half a step'],
    [text([0, '2026', null, null]), 'a time in words'],
    [text([0, 1e300, null, null]), 'a time beyond time'],
    [text([0, UNTIL, 'a b', null]), 'a page of odd letters'],
    [text([0, UNTIL, null, -1]), 'a time before time'],
    [`${encodePlace({ step: 0, until: UNTIL })}=`, 'another spelling'],
  ])('refuses %j: %s', (cursor) => {
    expect(() => decodePlace(cursor)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
  });
});

it('is as long as the longest purchase token, and no longer', () => {
  const place = { step: 0, until: UNTIL, page: `open:${'x'.repeat(1_024)}` };
  expect(decodePlace(encodePlace(place))).toEqual(place);
  expect(() => decodePlace(encodePlace({ ...place, page: 'x'.repeat(1_101) }))).toThrow('not valid');
});

function text(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
