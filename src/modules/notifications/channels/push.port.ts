import type { Device } from '../domain/recipient';

export interface PushMessage {
  readonly title: string;
  readonly body: string;
  /** For the app that is opened by it: ids and a link. */
  readonly data: Readonly<Record<string, string>>;
}

export type PushTicket =
  | { readonly kind: 'taken'; readonly deviceId: string; readonly ticketId: string }
  | {
      readonly kind: 'refused';
      readonly deviceId: string;
      readonly code: string;
      /** The app is not on it any more: it is never reached again. */
      readonly gone: boolean;
      /** The provider's own trouble: another try may do. */
      readonly again: boolean;
    };

/** What became of a message on its way to the device: null for delivered. */
export type PushReceipts = ReadonlyMap<string, { readonly code: string; readonly gone: boolean } | null>;

/** Hands push messages to a provider. */
export abstract class PushTransport {
  /** False: this installation has none, and nothing is to be sent. */
  abstract readonly isOn: boolean;
  /** One answer for each device. @throws AppError where the provider did not answer, or answered an error for all. */
  abstract send(devices: readonly Device[], message: PushMessage): Promise<PushTicket[]>;
  /** What is known of these tickets by now. @throws as `send`. */
  abstract receipts(ticketIds: readonly string[]): Promise<PushReceipts>;
  /** Whether it is a token that its apps have. */
  abstract isToken(token: string): boolean;
}
