import { until } from './until';

/** A message of a Server-Sent Events stream. */
export interface StreamMessage {
  id: string;
  type: string;
  data: Record<string, unknown>;
}

/** An open stream as an app reads it. */
export interface EventStream {
  readonly status: number;
  readonly headers: Headers;
  readonly messages: StreamMessage[];
  readonly comments: string[];
  /** True once the server has ended it properly, undefined while it is open, false where it was cut. */
  readonly ended: boolean | undefined;
  /** Waits for this many messages altogether. */
  expect(count: number): Promise<StreamMessage[]>;
  /** As an app that goes away. */
  leave(): void;
}

/** Connects; resolves with the answer's head. */
export async function openStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  const controller = new AbortController();
  const response = await fetch(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: controller.signal,
  });
  const messages: StreamMessage[] = [];
  const comments: string[] = [];
  const state: { ended: boolean | undefined } = { ended: undefined };
  read(response, (block) => {
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
    if (block.startsWith(':')) comments.push(block.slice(2));
    else if (block !== '') {
      messages.push({
        id: field('id'),
        type: field('event'),
        data: JSON.parse(field('data')) as StreamMessage['data'],
      });
    }
  }).then(
    () => {
      state.ended = true;
    },
    () => {
      state.ended = false;
    },
  );
  return {
    status: response.status,
    headers: response.headers,
    messages,
    comments,
    get ended() {
      return state.ended;
    },
    expect: async (count) => {
      await until(`${count} messages`, () => messages.length >= count);
      return messages;
    },
    leave: () => {
      controller.abort();
    },
  };
}

async function read(response: Response, tell: (block: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  // Undici's stream is iterable; the type of the DOM's does not say so.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) tell(block.trim());
  }
}
