/** Small helpers the route tables share. */
import type { SandboxRequest, SandboxRoute } from '../contract';

export type RouteMethod = SandboxRoute['method'];

/** A route in one line. */
export function route(method: RouteMethod, path: string, handle: (request: SandboxRequest) => object): SandboxRoute {
  return { method, path, handle };
}

/** The path's `{id}`. */
export function idOf(request: SandboxRequest): string {
  return request.ids.id ?? '';
}
