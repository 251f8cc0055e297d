import { exampleOf } from './openapi-examples';

type Schema = Parameters<typeof exampleOf>[0];

const SCHEMAS: Parameters<typeof exampleOf>[1] = {
  Plan: { type: 'object', properties: { code: { type: 'string', example: 'PRO' } } },
};
const PLAN = { $ref: '#/components/schemas/Plan' };

describe('an example', () => {
  it.each<[string, Schema, unknown]>([
    ['its own', { type: 'number', example: 2900, default: 1, enum: [5] }, 2900],
    ['its default', { type: 'string', default: 'monthly', enum: ['annual'] }, 'monthly'],
    ['the first allowed', { type: 'string', enum: ['active', 'canceled'] }, 'active'],
    ['some time', { type: 'string', format: 'date-time', nullable: true }, '2026-01-15T10:00:00.000Z'],
    ['null', { type: 'string', nullable: true }, null],
    ['no', { type: 'boolean' }, false],
    ['zero', { type: 'integer' }, 0],
    ['empty', { type: 'string' }, ''],
    ['what it refers to', PLAN, { code: 'PRO' }],
    ['what it adds to', { allOf: [PLAN], nullable: true }, { code: 'PRO' }],
    ['a list of one', { type: 'array', items: PLAN }, [{ code: 'PRO' }]],
    [
      'all its fields',
      { type: 'object', properties: { plan: PLAN, on: { type: 'boolean' } } },
      { plan: { code: 'PRO' }, on: false },
    ],
    ['free fields', { type: 'object', additionalProperties: true }, {}],
    ['what is not known', { $ref: '#/components/schemas/Gone' }, {}],
  ])('is %s', (_what, schema, expected) => {
    expect(exampleOf(schema, SCHEMAS)).toEqual(expected);
  });
});
