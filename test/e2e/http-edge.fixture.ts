import { Body, Controller, Get, HttpCode, Module, Param, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import { Client } from 'pg';
import { IsIn, IsInt, IsOptional, Min } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { business } from '../../src/shared/app-error';
import {
  Authenticated,
  BatchBody,
  Caller,
  Cron,
  CurrentUser,
  IdempotencyContext,
  Idempotent,
  Internal,
  PaymentAttempt,
  Public,
  Roles,
  Signed,
  UserOrInternal,
  type Principal,
  type UserIdentity,
} from '../../src/platform/http';
import { startApp, type RunningApp, type StartAppOptions } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { redisDb, type TestRedis } from '../support/redis';

class ChargeRequest {
  @IsInt()
  @Min(1)
  amount!: number;

  @IsOptional()
  @IsIn(['wait', 'refuse', 'crash', 'created-elsewhere'])
  mode?: string;
}

/** What the handlers below did, and the gate that `mode: wait` stands at. */
export class Ledger {
  charges: { by: string; amount: number; key: string | undefined }[] = [];
  private arrivals: (() => void)[] = [];
  private gates: (() => void)[] = [];

  /** Resolves when the next waiting request has arrived. */
  arrival(): Promise<void> {
    return new Promise((resolve) => this.arrivals.push(resolve));
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.gates.push(resolve);
      this.arrivals.shift()?.();
    });
  }

  /** Lets the request that has waited longest go on. */
  open(): void {
    this.gates.shift()?.();
  }
}
export const ledger = new Ledger();

@Controller('edge')
class EdgeController {
  @Get('undecorated')
  undecorated(@CurrentUser() user: UserIdentity): UserIdentity {
    return user;
  }

  @Public()
  @Get('public')
  open(): object {
    return { open: true };
  }

  @Roles('finance', 'admin')
  @Get('finance')
  finance(): object {
    return { ok: true };
  }

  @Internal()
  @Get('internal')
  internal(@Caller() caller: Principal): Principal {
    return caller;
  }

  @Cron()
  @Get('cron')
  cron(@Caller() caller: Principal): Principal {
    return caller;
  }

  @UserOrInternal('admin')
  @Get('shared')
  shared(@Caller() caller: Principal): Principal {
    return caller;
  }

  @Signed()
  @HttpCode(200)
  @Post('signed')
  signed(@Req() request: RawBodyRequest<FastifyRequest>): object {
    return { bytes: request.rawBody?.length };
  }

  @Public()
  @BatchBody()
  @Post('batch')
  batch(@Req() request: RawBodyRequest<FastifyRequest>): object {
    return { bytes: request.rawBody?.length };
  }

  @Public()
  @Post('echo')
  echo(@Body() body: ChargeRequest): ChargeRequest {
    return body;
  }

  @Public()
  @Get('things/:id')
  thing(@Param('id') id: string): object {
    return { id };
  }

  @Public()
  @Get('boom')
  boom(): never {
    throw new Error('secret detail in /srv/kassa/src/file.ts');
  }

  @Authenticated()
  @Idempotent()
  @PaymentAttempt()
  @Post('charge')
  async charge(
    @CurrentUser() user: UserIdentity,
    @Body() body: ChargeRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    ledger.charges.push({ by: user.id, amount: body.amount, key: IdempotencyContext.current()?.key });
    const number = ledger.charges.length;
    if (body.mode === 'wait') await ledger.wait();
    if (body.mode === 'refuse') throw business('PAYMENT_FAILED', 'The card was declined', { number });
    if (body.mode === 'crash') throw new Error('lost in space');
    if (body.mode === 'created-elsewhere') void reply.header('location', `/edge/things/${number}`);
    return { number, amount: body.amount };
  }
}

@Module({ controllers: [EdgeController] })
class EdgeModule {}

/** Limits that no other test meets by accident. */
export const GENEROUS = { RATE_LIMIT_PER_MINUTE: '100000', RATE_LIMIT_PAYMENTS_PER_MINUTE: '100000' };

export interface Edge {
  /** The application that was started for the whole file. */
  running(): RunningApp;
  /** Another one, on the same database and Redis; its caller closes it. */
  boot(options?: Partial<StartAppOptions>): Promise<RunningApp>;
  call(path: string, init?: RequestInit, base?: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>, base?: string): Promise<Answer>;
  /** As the service's role. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  flushRedis(): Promise<void>;
  readonly logLines: string[];
}

/** The real application with the routes above, for one test file; call it once at the top. */
export function useEdge(): Edge {
  let database: TestDatabase;
  let redis: TestRedis;
  let app: RunningApp;
  const logLines: string[] = [];
  const boot: Edge['boot'] = (options = {}) =>
    startApp({
      databaseUrl: database.appUrl,
      redisUrl: redis.url,
      imports: [EdgeModule],
      settings: GENEROUS,
      ...options,
    });
  const call: Edge['call'] = (path, init, base = app.url) => fetchAnswer(base + path, init);

  beforeAll(async () => {
    database = await createTestDatabase();
    redis = await redisDb();
    app = await boot({ log: (line) => logLines.push(line) });
  });
  afterAll(async () => {
    await app.close();
    await redis.release();
    await database.drop();
  });
  beforeEach(() => {
    ledger.charges = [];
  });
  return {
    running: () => app,
    boot,
    call,
    post: (path, body, headers, base) => call(path, jsonPost(body, headers), base),
    sql: async (text, values) => {
      const client = new Client({ connectionString: database.ownerUrl, options: '-c role=kassa_service' });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    flushRedis: () => redis.flush(),
    logLines,
  };
}
