import type { Principal } from './auth/principal';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set by the access guard once it knows. */
    principal: Principal | undefined;
    /** Code of the error this request was answered with, for its log line. */
    errorCode: string | undefined;
  }
  interface FastifyContextConfig {
    /** Bytes; set by `@BatchBody()`. */
    bodyLimit?: number;
    /** Set by `@Signed()`. */
    bodyAsBytes?: boolean;
  }
}
