import { startGuarded, type GuardedProcess } from './services';
import { ROOT } from './services/paths';

export interface StripeSandboxOptions {
  port: number;
  /** Where it delivers Stripe's events. */
  webhookUrl: string;
  webhookSecret: string;
  /** Where it keeps its objects from run to run; default nowhere. */
  stateFile?: string;
}

/** Starts the compiled sandbox as a process of its own; it speaks HTTP only. */
export function startStripeSandbox({
  port,
  webhookUrl,
  webhookSecret,
  stateFile,
}: StripeSandboxOptions): Promise<GuardedProcess> {
  return startGuarded({
    command: process.execPath,
    args: ['dist/sandbox/main.js'],
    stopSignal: 'TERM',
    cwd: ROOT,
    env: {
      ...process.env,
      SANDBOX_PORT: String(port),
      SANDBOX_WEBHOOK_URL: process.env['SANDBOX_WEBHOOK_URL'] ?? webhookUrl,
      SANDBOX_WEBHOOK_SECRET: process.env['SANDBOX_WEBHOOK_SECRET'] ?? webhookSecret,
      SANDBOX_STATE: process.env['SANDBOX_STATE'] ?? stateFile,
    },
  });
}
