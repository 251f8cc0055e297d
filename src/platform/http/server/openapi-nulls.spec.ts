import { toSchema31 } from './openapi-nulls';

const PLAN = { $ref: '#/components/schemas/Plan' };
const NULL = { type: 'null' };

describe('what may be null', () => {
  it.each<[string, object, object]>([
    ['a type', { type: 'string', nullable: true, example: null }, { type: ['string', 'null'], example: null }],
    ['not null', { type: 'string', nullable: false }, { type: 'string' }],
    ['one of these', { type: 'string', enum: ['a'], nullable: true }, { type: ['string', 'null'], enum: ['a', null] }],
    ['a reference', { nullable: true, description: 'd', allOf: [PLAN] }, { description: 'd', anyOf: [PLAN, NULL] }],
    ['a reference with its type', { nullable: true, type: 'object', allOf: [PLAN] }, { anyOf: [PLAN, NULL] }],
    ['an alternative', { nullable: true, oneOf: [PLAN, PLAN] }, { oneOf: [PLAN, PLAN, NULL] }],
    ['anything', { nullable: true }, {}],
    [
      'deep down',
      { type: 'array', items: { type: 'object', additionalProperties: { type: 'number', nullable: true } } },
      { type: 'array', items: { type: 'object', additionalProperties: { type: ['number', 'null'] } } },
    ],
    [
      'a field of that name',
      { type: 'object', properties: { nullable: { type: 'boolean', nullable: true } }, example: { nullable: true } },
      { type: 'object', properties: { nullable: { type: ['boolean', 'null'] } }, example: { nullable: true } },
    ],
  ])('is %s', (_what, schema, expected) => {
    expect(toSchema31(schema)).toEqual(expected);
  });
});
