import { pino, stdSerializers, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import type { AppConfig } from '../config';
import { redactText, redactValue } from './redact';

const GATHERED_BYTES = 4_096;
const FLUSH_MS = 100;

/**
 * The process's logger: one JSON line per event on standard output, readable text on a developer's terminal.
 *
 * Redaction happens twice. Names are hidden at any depth while the object is still an object (pino's own `redact` knows
 * paths of a fixed depth only); the finished line is then searched for texts that are secret anywhere.
 */
export function createLogger(
  config: Pick<AppConfig, 'logLevel' | 'environment' | 'role'>,
  to?: DestinationStream,
): Logger {
  const options: LoggerOptions = {
    level: config.logLevel,
    base: { role: config.role },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (entry) => redactValue(entry) as Record<string, unknown>,
    },
    serializers: { err: serializeError },
    hooks: { streamWrite: redactText },
  };
  if (to) return pino(options, to);
  if (config.environment === 'development' && process.stdout.isTTY) {
    return pino({ ...pretty(options), transport: { target: 'pino-pretty', options: { ignore: 'role,hostname' } } });
  }
  // Lines are gathered into one write, because a write each is a tenth of what a short request costs; none waits longer
  // than a moment. What waits is written at the process's end and with a fatal line.
  return pino(options, pino.destination({ dest: 1, sync: false, minLength: GATHERED_BYTES, periodicFlush: FLUSH_MS }));
}

/** A transport runs in a worker thread, and pino does not let formatters of the level cross into it. */
function pretty(options: LoggerOptions): LoggerOptions {
  return { ...options, formatters: { log: options.formatters?.log } };
}

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return redactValue(error);
  const { type, message, stack, ...rest } = stdSerializers.errWithCause(error);
  return { type, message, stack, ...(redactValue(rest) as object) };
}
