import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface PushedMessage {
  to: string;
  title: string;
  body: string;
  data: Record<string, string>;
}

/** Expo as far as it sends push messages: tickets at once, receipts later. */
export interface PushServer {
  readonly url: string;
  readonly pushed: PushedMessage[];
  /** Of the last request. */
  readonly authorization: string | undefined;
  /** Messages to this token are refused at once with this error. */
  refuse(token: string, error: string): void;
  /** Messages to this token are taken, and fail on their way. */
  lose(token: string, error: string): void;
  /** How it answers everything from now on; 200 as usual. */
  status: number;
  close(): Promise<void>;
}

export async function startPushServer(): Promise<PushServer> {
  const pushed: PushedMessage[] = [];
  const refused = new Map<string, string>();
  const lost = new Map<string, string>();
  const tickets = new Map<string, string>();
  const state: { status: number; authorization: string | undefined } = { status: 200, authorization: undefined };
  const send = (messages: PushedMessage[]): unknown =>
    messages.map((message) => {
      const error = refused.get(message.to);
      if (error !== undefined) return { status: 'error', message: `"${message.to}" is refused`, details: { error } };
      pushed.push(message);
      const id = `ticket-${tickets.size}`;
      tickets.set(id, message.to);
      return { status: 'ok', id };
    });
  const receipts = ({ ids }: { ids: string[] }): unknown =>
    Object.fromEntries(
      ids.map((id) => {
        const error = lost.get(tickets.get(id) ?? '');
        return [id, error === undefined ? { status: 'ok' } : { status: 'error', message: 'lost', details: { error } }];
      }),
    );
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      state.authorization = request.headers.authorization;
      const isSend = request.url === '/--/api/v2/push/send';
      const answer =
        state.status === 200
          ? { data: isSend ? send(body as PushedMessage[]) : receipts(body as { ids: string[] }) }
          : { errors: [{ code: 'TEST', message: 'refused' }] };
      response.writeHead(state.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pushed,
    refuse: (token, error) => refused.set(token, error),
    lose: (token, error) => lost.set(token, error),
    get authorization() {
      return state.authorization;
    },
    get status() {
      return state.status;
    },
    set status(status) {
      state.status = status;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8'));
}
