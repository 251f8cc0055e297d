import { presentBody } from './present-body';

const nested = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth));

describe('presentBody', () => {
  it('shows JSON as JSON', () => {
    const body = Buffer.from('{"id":"evt_1","n":null,"list":[1,"é"]}');
    expect(presentBody(body)).toEqual({ payload: { id: 'evt_1', n: null, list: [1, 'é'] }, encoding: 'json' });
    expect(presentBody(Buffer.from('null'))).toEqual({ payload: null, encoding: 'json' });
    expect(presentBody(nested(150)).encoding).toBe('json');
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('hello')],
    ['bytes that are no text', Buffer.from([0x22, 0xff, 0x22])],
    ['what is nested too deep to be written again', nested(100_000)],
  ])('shows %s in base64', (_, body) => {
    expect(presentBody(body)).toEqual({ payload: body.toString('base64'), encoding: 'base64' });
  });

  it('shows that there is none', () => {
    expect(presentBody(null)).toEqual({ payload: null, encoding: null });
  });
});
