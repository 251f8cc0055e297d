import { Transform } from 'class-transformer';
import { IsDate } from 'class-validator';
import { parseInstant } from '../../../shared/instant';

/** A Date from an ISO 8601 date or time; without an offset it is UTC. */
export const IsInstant = (): PropertyDecorator => (target, property) => {
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (parseInstant(value) ?? value) : value))(
    target,
    property,
  );
  IsDate({ message: '$property must be an ISO 8601 date or time' })(target, property);
};
