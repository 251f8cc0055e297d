import { createHmac, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { answerParent } from './child';
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

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** One request and its whole answer. HTTP by hand: a client library would cost more than the server it measures. */
function exchange(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const settle = (error?: Error): void => {
      socket.off('data', read).off('close', closed);
      if (error) reject(error);
      else resolve();
    };
    const closed = (): void => {
      settle(new Error('The server closed the connection'));
    };
    const read = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
      if (length === undefined) settle(new Error(`An answer without a length: ${answer}`));
      else if (answer.length >= end + 4 + Number(length))
        settle(answer.startsWith('HTTP/1.1 200 ') ? undefined : new Error(`Not a 200: ${answer}`));
    };
    socket.on('data', read).once('close', closed);
    socket.write(request);
  });
}
