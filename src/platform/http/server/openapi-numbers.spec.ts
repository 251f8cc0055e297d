import { declareIntegers } from './openapi-numbers';

describe('numbers of the document', () => {
  it('are whole unless they say otherwise, wherever they stand', () => {
    const schemas: Parameters<typeof declareIntegers>[0] = {
      Line: {
        type: 'object',
        properties: {
          amount: { type: 'number', example: 2900 },
          percentOff: { type: 'number', format: 'double' },
          description: { type: 'string' },
          plan: { $ref: '#/components/schemas/Plan' },
          parts: { type: 'array', items: { type: 'object', properties: { amount: { type: 'number' } } } },
          byKey: { type: 'object', additionalProperties: { type: 'number' } },
          free: { type: 'object', additionalProperties: true },
          either: { oneOf: [{ type: 'number' }, { type: 'string' }] },
        },
      },
    };
    declareIntegers(schemas);
    expect(schemas['Line']).toMatchObject({
      properties: {
        amount: { type: 'integer', example: 2900 },
        percentOff: { type: 'number', format: 'double' },
        parts: { items: { properties: { amount: { type: 'integer' } } } },
        byKey: { additionalProperties: { type: 'integer' } },
        either: { oneOf: [{ type: 'integer' }, { type: 'string' }] },
      },
    });
  });
});
