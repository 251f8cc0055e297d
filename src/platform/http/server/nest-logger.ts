import { Logger, type PinoLogger } from 'nestjs-pino';

const FRAMEWORK = new Set<unknown>([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Nest's own start-up lines, some hundreds, go to `debug`; what our code logs keeps its level. */
export class NestLogger extends Logger {
  constructor(pino: PinoLogger) {
    super(pino, {});
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (FRAMEWORK.has(rest.at(-1))) super.debug(message, ...rest);
    else super.log(message, ...rest);
  }
}
