import fc from 'fast-check';
import { isAppError } from '../../../shared/app-error';
import { InputPipe } from '../validation/input.pipe';
import { PageQuery, decodeCursor, encodeCursor, pageOf } from './page';

const pipe = new InputPipe();
const query = (value: object) => pipe.transform(value, { type: 'query', metatype: PageQuery });

describe('PageQuery', () => {
  it('defaults to 20 and takes 1 to 100', async () => {
    expect(await query({})).toEqual({ limit: 20 });
    expect(await query({ limit: '100', cursor: 'x' })).toEqual({ limit: 100, cursor: 'x' });
  });

  it.each(['0', '101', '-1', '1.5', 'ten', ''])('refuses limit=%s', async (limit) => {
    await expect(query({ limit })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

function codeOf(cursor: string): unknown {
  try {
    return decodeCursor(cursor);
  } catch (error) {
    return isAppError(error) ? error.code : error;
  }
}

describe('cursors', () => {
  it('come back as the place they were made from', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), fc.string({ unit: 'grapheme' }), (createdAt, id) => {
        expect(decodeCursor(encodeCursor({ createdAt, id }))).toEqual({ createdAt, id });
      }),
    );
  });

  it('are refused when anything else made them', () => {
    const sample = encodeCursor({ createdAt: new Date(0), id: 'inv_1' });
    const odd = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const cursor of ['', 'x', '%%%', sample.slice(0, -2), `${sample}A`, odd([1, 2]), odd({}), odd(['x', 'y'])]) {
      expect(codeOf(cursor)).toBe('INVALID_INPUT');
    }
    expect(() => decodeCursor(odd(['1970-01-01T01:00:00+01:00', 'a']))).toThrow();
    expect(() => decodeCursor(odd(['1970-01-01T00:00:00.000Z', '\u0000']))).toThrow();
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(codeOf(text)).toBe('INVALID_INPUT');
      }),
    );
  });
});

describe('pageOf', () => {
  const rows = [3, 2, 1].map((n) => ({ id: `inv_${n}`, createdAt: new Date(n) }));
  const page = (limit: number) =>
    pageOf(
      rows.slice(0, limit + 1),
      limit,
      (row) => row,
      (row) => row.id,
    );

  it('points behind the last row shown while there is more', () => {
    expect(page(2).data).toEqual(['inv_3', 'inv_2']);
    expect(decodeCursor(page(2).nextCursor ?? undefined)).toEqual(rows[1]);
  });

  it('ends with null', () => {
    expect(page(3)).toEqual({ data: ['inv_3', 'inv_2', 'inv_1'], nextCursor: null });
    expect(
      pageOf(
        [],
        20,
        () => rows[0]!,
        () => 1,
      ),
    ).toEqual({ data: [], nextCursor: null });
  });
});
