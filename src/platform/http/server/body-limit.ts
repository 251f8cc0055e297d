import { RouteConfig } from '@nestjs/platform-fastify';
import type { RouteOptions } from 'fastify';

const MIB = 1024 * 1024;
export const DEFAULT_BODY_LIMIT = MIB;
/** Usage batches of 1000 events (api.md, "General"). */
export const BATCH_BODY_LIMIT = 5 * MIB;

/** The route takes bodies of up to 5 MiB instead of 1 MiB. */
export const BatchBody = () => RouteConfig({ bodyLimit: BATCH_BODY_LIMIT });

/** Nest hands only `config` through to Fastify, so the limit is moved to where Fastify looks for it. */
export function applyBodyLimit(route: RouteOptions): void {
  const limit = route.config?.bodyLimit;
  if (limit !== undefined) route.bodyLimit = limit;
}
