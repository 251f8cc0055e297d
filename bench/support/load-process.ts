import { createHmac, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { answerParent } from './child';
import { exchange, open } from './http-wire';
import { webhookEvent } from './webhook-events';

export interface LoadInput {
  readonly url: string;
  readonly secret: string;
  readonly connections: number;
  readonly requests: number;
}

export interface LoadOutput {
  /** From the first request to the last answer. */
  readonly milliseconds: number;
  /** Of each request. */
  readonly latencies: Float64Array;
}

/** Every request is made before the first is sent: what is measured is the server, with as little of us as possible. */
answerParent(async ({ url, secret, connections, requests }: LoadInput): Promise<LoadOutput> => {
  const { hostname, port, pathname } = new URL(url);
  const run = randomBytes(6).toString('hex');
  const prepared = Array.from({ length: requests }, (_, i) =>
    requestOf(pathname, webhookEvent(`evt_${run}${i.toString().padStart(8, '0')}`, i), secret),
  );
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port))));
  const latencies = new Float64Array(requests);
  const begin = performance.now();
  let next = 0;
  const work = async (socket: Socket): Promise<void> => {
    for (let i = next++; i < requests; i = next++) {
      const sent = performance.now();
      await exchange(socket, prepared[i] as Buffer);
      latencies[i] = performance.now() - sent;
    }
  };
  await Promise.all(sockets.map(work));
  const milliseconds = performance.now() - begin;
  for (const socket of sockets) socket.destroy();
  return { milliseconds, latencies };
});

function requestOf(path: string, body: string, secret: string): Buffer {
  const time = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: bench',
    'Content-Type: application/json; charset=utf-8',
    'User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    `Stripe-Signature: t=${time},v1=${signature}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ];
  return Buffer.from(head.join('\r\n'));
}
