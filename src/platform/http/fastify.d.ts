import type { Principal } from './auth/principal';
import type { CountedRequest } from './rate-limit/request-counter';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set by the access guard once it knows. */
    principal: Principal | undefined;
    /** Code of the error this request was answered with, for its log line. */
    errorCode: string | undefined;
    /** Set where it was counted for the general limit before any guard. */
    counted: CountedRequest | undefined;
    /** Answered as a hot read. */
    isHot: boolean;
  }
  interface FastifyContextConfig {
    /** Bytes; set by `@BatchBody()`. */
    bodyLimit?: number;
    /** Set by `@Signed()`. */
    bodyAsBytes?: boolean;
    /** Set by `@IgnoresBody()`. */
    ignoresBody?: boolean;
    /** Set by `@TakesFile()`. */
    takesFile?: boolean;
  }
}
