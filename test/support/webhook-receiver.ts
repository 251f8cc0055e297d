import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

export interface Received {
  readonly event: Stripe.Event;
  readonly header: string;
  readonly raw: string;
}

/** A webhook endpoint that verifies as the SDK does and keeps what it accepted, in order of arrival. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** Bodies whose signature did not verify. */
  readonly refused: string[] = [];
  /** Answers for the next requests; afterwards 200. */
  readonly answers: number[] = [];
  secret = 'whsec_receiver';
  private readonly stripe = new Stripe('sk_test_receiver');

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(
          receiver.take(Buffer.concat(chunks).toString(), String(request.headers['stripe-signature'])),
        );
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhooks/stripe`;
  }

  /** Types in order of arrival. */
  get types(): string[] {
    return this.received.map(({ event }) => event.type);
  }

  clear(): void {
    this.received.length = 0;
    this.refused.length = 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(raw: string, header: string): number {
    const status = this.answers.shift() ?? 200;
    if (status !== 200) return status;
    try {
      this.received.push({ event: this.stripe.webhooks.constructEvent(raw, header, this.secret), header, raw });
      return 200;
    } catch {
      this.refused.push(raw);
      return 400;
    }
  }
}
