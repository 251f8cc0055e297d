import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Expo, type ExpoPushErrorReceipt } from 'expo-server-sdk';
import { Agent, type Dispatcher } from 'undici';
import { provider, unavailable, type AppError } from '../../../shared/app-error';
import { AppConfig } from '../../../platform/config';
import type { Device } from '../domain/recipient';
import { PushTransport, type PushMessage, type PushReceipts, type PushTicket } from './push.port';

const TIMEOUT_MS = 10_000;
const MAX_TOKEN = 255;
/** docs.expo.dev/push-notifications/sending-notifications, "Individual errors": what is not about the message or us. */
const PASSING = ['MessageRateExceeded', 'ExpoError', 'ProviderError', 'InvalidCredentials', 'DeveloperError'];

/** The SDK has one address built in; a dispatcher of our own sends its requests to the one that is set. */
class SetOrigin extends Agent {
  constructor(private readonly base: string) {
    super({ connectTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  }

  override dispatch(options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return super.dispatch({ ...options, origin: this.base }, handler);
  }
}

/** Push messages by Expo, which passes them on to Apple and Google. */
@Injectable()
export class ExpoTransport extends PushTransport implements OnApplicationShutdown {
  private readonly agent: SetOrigin | null;
  private readonly expo: Expo | null;

  constructor(config: AppConfig) {
    super();
    const { expo } = config.messages;
    this.agent = expo ? new SetOrigin(expo.apiBase) : null;
    // Its own retries only hold up a worker.
    this.expo =
      expo && this.agent
        ? new Expo({ accessToken: expo.accessToken, httpAgent: this.agent, retryMinTimeout: 100 })
        : null;
  }

  get isOn(): boolean {
    return this.expo !== null;
  }

  isToken(token: string): boolean {
    return token.length <= MAX_TOKEN && Expo.isExpoPushToken(token) && /^[\x21-\x7e]+$/.test(token);
  }

  async send(devices: readonly Device[], { title, body, data }: PushMessage): Promise<PushTicket[]> {
    const messages = devices.map(({ token }) => ({ to: token, title, body, data, sound: 'default' as const }));
    const expo = this.configured();
    const tickets = await asked(async () => {
      const chunks = expo.chunkPushNotifications(messages);
      return (await Promise.all(chunks.map((chunk) => expo.sendPushNotificationsAsync(chunk)))).flat();
    });
    return devices.map(({ id: deviceId }, i): PushTicket => {
      const ticket = tickets[i];
      if (ticket?.status === 'ok') return { kind: 'taken', deviceId, ticketId: ticket.id };
      const code = codeOf(ticket);
      return { kind: 'refused', deviceId, code, gone: isGone(code), again: PASSING.includes(code) };
    });
  }

  async receipts(ticketIds: readonly string[]): Promise<PushReceipts> {
    const receipts = await asked(() => this.configured().getPushNotificationReceiptsAsync([...ticketIds]));
    return new Map(
      Object.entries(receipts).map(([ticketId, receipt]) => {
        if (receipt.status === 'ok') return [ticketId, null];
        const code = codeOf(receipt);
        return [ticketId, { code, gone: isGone(code) }];
      }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent?.close();
  }

  private configured(): Expo {
    if (this.expo) return this.expo;
    throw unavailable('PROVIDER_NOT_CONFIGURED', 'Push messages are not configured on this installation');
  }
}

function codeOf(refusal: ExpoPushErrorReceipt | undefined): string {
  return refusal?.details?.error ?? 'UNKNOWN';
}

function isGone(code: string): boolean {
  return code === 'DeviceNotRegistered';
}

async function asked<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw toAppError(error);
  }
}

/** Only a request that is wrong in itself will be wrong again; a wrong access token is mended by somebody. */
function toAppError(error: unknown): AppError {
  const status = (error as { statusCode?: number }).statusCode;
  const code = `EXPO_${status ?? 'AWAY'}`;
  if (status === undefined || status >= 500 || [401, 403, 408, 429].includes(status)) {
    return unavailable(code, 'Expo did not take the message', undefined, error);
  }
  return provider(code, 'Expo refused the message', {}, error);
}
