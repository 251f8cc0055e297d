import { binaryByteaArray } from './binary-array';

describe('a bytea[] in binary', () => {
  it('is a header of five words, then each element behind its length', () => {
    expect(binaryByteaArray([Buffer.from([0, 255]), Buffer.alloc(0)]).toString('hex')).toBe(
      ['00000001', '00000000', '00000011', '00000002', '00000001', '00000002', '00ff', '00000000'].join(''),
    );
  });
});
