import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';

/**
 * A TypeScript file of this folder in a process of its own, so that what it does costs nobody else's event loop. It is
 * told `input` and answers with one message; both are plain JSON.
 */
export function askChild<R>(file: string, input: object): { answer: Promise<R>; end: () => void } {
  const child: ChildProcess = fork(path.join(__dirname, file), {
    execArgv: ['-r', '@swc-node/register'],
    serialization: 'advanced',
  });
  const answer = new Promise<R>((resolve, reject) => {
    child.once('message', (message) => {
      resolve(message as R);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`${file} ended with exit code ${code ?? 1} before it answered`));
    });
  });
  child.send(input);
  return {
    answer,
    end: () => {
      child.disconnect();
    },
  };
}

/** The other side: waits for the input, answers with what `work` makes of it. The process ends with its parent. */
export function answerParent(work: (input: never) => Promise<unknown>): void {
  process.once('message', (input) => {
    work(input as never).then(
      (result) => process.send?.(result),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => {
    process.exit(0);
  });
}
