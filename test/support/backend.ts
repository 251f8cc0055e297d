import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as it came in. */
export interface Told {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: {
    readonly id: string;
    readonly type: string;
    readonly objectId: string;
    readonly sequence: number;
    readonly data: Readonly<Record<string, unknown>>;
  } & Readonly<Record<string, unknown>>;
}

export type Reaction = (response: ServerResponse, request: IncomingMessage) => void;

/** Answers with this status, and headers. */
export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Reaction =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** The customer's own backend: keeps what it is told, and reacts by path as the test says; else with 204. */
export class Backend {
  readonly told: Told[] = [];
  /** By path: what the next requests get; the last one stays. */
  readonly reactions = new Map<string, Reaction[]>();
  private readonly open = new Map<string, number>();
  private readonly most = new Map<string, number>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Backend> {
    const server = createServer();
    const backend = new Backend(server);
    server.on('request', (request, response) => {
      backend.take(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return backend;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  reacts(path: string, ...reactions: Reaction[]): void {
    this.reactions.set(path, reactions);
  }

  at(path: string): Told[] {
    return this.told.filter((one) => one.path === path);
  }

  /** The most requests that were open at once. */
  mostOpen(path: string): number {
    return this.most.get(path) ?? 0;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    const open = (this.open.get(path) ?? 0) + 1;
    this.open.set(path, open);
    this.most.set(path, Math.max(open, this.mostOpen(path)));
    response.on('close', () => this.open.set(path, (this.open.get(path) ?? 1) - 1));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString();
      this.told.push({ path, headers: request.headers, raw, body: JSON.parse(raw) as Told['body'] });
      const reactions = this.reactions.get(path) ?? [];
      const reaction = (reactions.length > 1 ? reactions.shift() : reactions[0]) ?? answer(204);
      reaction(response, request);
    });
  }
}
