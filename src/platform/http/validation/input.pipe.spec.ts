import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { AppError } from '../../../shared/app-error';
import { InputPipe, unstorable } from './input.pipe';

class Line {
  @IsInt()
  amount!: number;
}
class Body {
  @IsString()
  name!: string;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines?: Line[];
}
class AllOptional {
  @IsOptional()
  @IsString()
  name?: string;
}

const pipe = new InputPipe();
async function fieldsOf(value: unknown, metatype: new () => object = Body): Promise<unknown> {
  const error: unknown = await pipe.transform(value, { type: 'body', metatype }).then(
    () => undefined,
    (refusal: unknown) => refusal,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe('INVALID_INPUT');
  return (error as AppError).details['fields'];
}
const nested = (depth: number) => JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)) as unknown;

describe('InputPipe', () => {
  it('makes instances of the class', async () => {
    const value = await pipe.transform({ name: 'x', lines: [{ amount: 1 }] }, { type: 'body', metatype: Body });
    expect(value).toBeInstanceOf(Body);
  });

  it('names unknown and wrong fields by their path', async () => {
    expect(await fieldsOf({ name: 'x', extra: 1 })).toEqual([
      { field: 'extra', message: 'property extra should not exist' },
    ]);
    expect(await fieldsOf({ name: 1, lines: [{ amount: 'x', b: 1 }] })).toEqual([
      { field: 'name', message: 'name must be a string' },
      { field: 'lines.0.b', message: 'property b should not exist' },
      { field: 'lines.0.amount', message: 'amount must be an integer number' },
    ]);
  });

  it.each([[[]], [[{ name: 'x' }]], ['text'], [7], [true]])('refuses %j where an object is expected', async (value) => {
    expect(await fieldsOf(value)).toEqual([{ field: 'body', message: 'must be an object' }]);
    expect(await fieldsOf(value, AllOptional)).toEqual([{ field: 'body', message: 'must be an object' }]);
  });

  it('takes no body for an empty one', async () => {
    expect(await fieldsOf(undefined)).toEqual([{ field: 'name', message: 'name must be a string' }]);
    expect(await pipe.transform(undefined, { type: 'body', metatype: AllOptional })).toBeInstanceOf(AllOptional);
  });

  it('refuses NUL anywhere, in plain parameters too', async () => {
    expect(await fieldsOf({ name: 'a\u0000b' })).toEqual([
      { field: 'body', message: 'must not contain the character U+0000' },
    ]);
    await expect(pipe.transform('a\u0000b', { type: 'param', metatype: String, data: 'id' })).rejects.toMatchObject({
      details: { fields: [{ field: 'id' }] },
    });
  });

  it('refuses what is nested so deep that recursion would fail', async () => {
    expect(unstorable(nested(32))).toBeUndefined();
    expect(await fieldsOf(nested(200_000))).toEqual([
      { field: 'body', message: 'must not be nested deeper than 32 levels' },
    ]);
  });

  it('leaves prototypes alone', async () => {
    const body: unknown = JSON.parse('{"name":"x","constructor":{"prototype":{"polluted":1}}}');
    await pipe.transform(body, { type: 'body', metatype: Body });
    expect({}).not.toHaveProperty('polluted');
  });
});
