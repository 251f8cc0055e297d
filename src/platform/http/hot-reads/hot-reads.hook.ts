import type { FastifyInstance, FastifyReply } from 'fastify';
import type { HotAnswer, HotReads } from './hot-reads.service';

/** The headers that the throttler sets on the usual way. */
function send(reply: FastifyReply, { json, counted }: HotAnswer, limit: number): void {
  void reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('x-ratelimit-limit', limit)
    .header('x-ratelimit-remaining', Math.max(0, limit - counted.totalHits))
    .header('x-ratelimit-reset', counted.timeToExpire)
    .send(json);
}

/** Before everything else that a request passes but the security headers. */
export function answerHotReads(instance: FastifyInstance, reads: HotReads, limit: number): void {
  instance.addHook('onRequest', (request, reply, done) => {
    const found = reads.find(request);
    if (!found) {
      done();
      return;
    }
    reads.answer(request, found).then(
      (answer) => {
        if (!answer) {
          done();
          return;
        }
        request.isHot = true;
        send(reply, answer, limit);
      },
      () => {
        done();
      },
    );
  });
}
