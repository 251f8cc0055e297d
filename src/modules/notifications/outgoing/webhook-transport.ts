import type { LookupAddress, LookupOptions } from 'node:dns';
import { Agent, request } from 'undici';
import type { Clock } from '../../../shared/clock';
import { isAllowedAddress } from './domain/address-policy';
import { endpointUrlProblem, type UrlPolicy } from './domain/endpoint-url';
import { errorOfStatus, retryAfterMs, type AttemptError, type Outcome } from './domain/outcome';

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;
type Looked = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

export interface OutgoingRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Of the answer's body; the rest is not read. */
const SNIPPET_BYTES = 1024;
const DETAIL_LENGTH = 200;
const REFUSED = 'ADDRESS_REFUSED';

/**
 * Posts to addresses that others have chosen. A name is resolved once per connection, and the connection is made to one of
 * the very addresses that were found allowed: a name that says something else a moment later wins nothing.
 */
export class WebhookTransport {
  private readonly agent: Agent;
  /** A name is looked up once at a time: the threads that look up are few. */
  private readonly lookups = new Map<string, Promise<readonly LookupAddress[]>>();

  /** @param timeLimitMs for all of it: name, connection, TLS, answer. */
  constructor(
    private readonly policy: UrlPolicy,
    private readonly timeLimitMs: number,
    private readonly resolve: Resolve,
    private readonly clock: Clock,
  ) {
    this.agent = new Agent({
      connect: {
        timeout: timeLimitMs,
        lookup: (hostname: string, options: LookupOptions, done: Looked) => {
          this.lookUp(hostname, options, done);
        },
      },
    });
  }

  /** Never throws: whatever happens is how the attempt went. */
  async post({ url, headers, body }: OutgoingRequest): Promise<Outcome> {
    // Once more: the settings may have changed since it was entered, and an address in a URL is never looked up.
    const problem = endpointUrlProblem(url, this.policy);
    if (problem !== null) return failure('url_refused', problem);
    try {
      const signal = AbortSignal.timeout(this.timeLimitMs);
      const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher: this.agent });
      const error = errorOfStatus(answer.statusCode);
      const asked = answer.headers['retry-after'];
      return {
        ...{ statusCode: answer.statusCode, error, detail: null, response: await beginningOf(answer.body) },
        retryAfterMs: error === 'status' && typeof asked === 'string' ? retryAfterMs(asked, this.clock.wall()) : 0,
      };
    } catch (thrown) {
      return failure(...errorOf(thrown));
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private lookUp(hostname: string, options: LookupOptions, done: Looked): void {
    this.addressesOf(hostname).then(
      (addresses) => {
        const allowed = addresses.filter(({ address }) => isAllowedAddress(address, this.policy.allowed));
        const [first] = allowed;
        if (!first) done(Object.assign(new Error('No address of this name is allowed'), { code: REFUSED }), []);
        else if (options.all === true) done(null, allowed);
        else done(null, first.address, first.family);
      },
      (error: unknown) => {
        done(error instanceof Error ? error : new Error(String(error)), []);
      },
    );
  }

  private addressesOf(hostname: string): Promise<readonly LookupAddress[]> {
    const running = this.lookups.get(hostname);
    if (running) return running;
    const lookup = this.resolve(hostname).finally(() => this.lookups.delete(hostname));
    this.lookups.set(hostname, lookup);
    return lookup;
  }
}

/** The status has been said by then: a body that breaks off or drips changes nothing. */
async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk.subarray(0, SNIPPET_BYTES - size));
      size += chunk.byteLength;
      // Leaving the loop ends the connection.
      if (size >= SNIPPET_BYTES) break;
    }
  } catch {
    // What came is shown.
  }
  return Buffer.concat(chunks).toString('utf8').replaceAll('\u0000', '\uFFFD');
}

function failure(error: AttemptError, detail: string): Outcome {
  return { statusCode: null, error, detail: detail.slice(0, DETAIL_LENGTH), response: null, retryAfterMs: 0 };
}

/** What went wrong below HTTP, in the log's words, and the code that says it more exactly. */
function errorOf(thrown: unknown): [AttemptError, string] {
  const { name = '', code = '' } = thrown as { name?: string; code?: unknown };
  const word = typeof code === 'string' && code !== '' ? code : name;
  if (word === REFUSED) return ['address_refused', 'the name resolves to an address that is not allowed'];
  if (name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(word)) return ['timeout', word];
  if (/ENOTFOUND|EAI_|ENODATA/.test(word)) return ['name', word];
  if (/CERT|TLS|SSL|EPROTO|SIGNATURE/.test(word)) return ['tls', word];
  return /HTTPParser|HEADERS_OVERFLOW/.test(word) ? ['protocol', word] : ['connection', word];
}
