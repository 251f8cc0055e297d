import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './services/paths';

/** The program that a package installs under its own name. */
export function toolPath(name: string): string {
  const folder = path.join(ROOT, 'node_modules', PACKAGES[name] ?? name);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const program = typeof bin === 'string' ? bin : bin[name];
  if (program === undefined) throw new Error(`The package ${name} installs no program ${name}.`);
  return path.join(folder, program);
}

/** Programs that have another name than their package. */
const PACKAGES: Record<string, string> = { depcruise: 'dependency-cruiser', tsc: 'typescript' };

interface StaticCheck {
  title: string;
  tool: string;
  args: string[];
}

const STATIC_CHECKS: StaticCheck[] = [
  { title: 'format', tool: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
  { title: 'lint', tool: 'eslint', args: ['.'] },
  { title: 'types', tool: 'tsc', args: ['--noEmit'] },
  {
    title: 'boundaries',
    tool: 'depcruise',
    args: ['src', 'sandbox', 'scripts', 'test', 'bench', '--config', '.dependency-cruiser.cjs', '--output-type', 'err'],
  },
];

/**
 * Everything that can be told without running the code, side by side.
 * @throws when a check found something; what it found has been printed.
 */
export async function runStaticChecks(): Promise<void> {
  const results = await Promise.all(STATIC_CHECKS.map(runCheck));
  const failed = results.filter(({ code }) => code !== 0).map(({ title }) => title);
  if (failed.length > 0) throw new Error(`Found something: ${failed.join(', ')}.`);
}

async function runCheck({ title, tool, args }: StaticCheck): Promise<{ title: string; code: number }> {
  const started = Date.now();
  const { code, output } = await capture(toolPath(tool), args);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stderr.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${title} (${seconds} s)\n${code === 0 ? '' : output}`);
  return { title, code };
}

function capture(program: string, args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() });
    });
  });
}

/** Runs Jest with the terminal as its own. @returns its exit code */
export function runJest(args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [toolPath('jest'), ...args], { cwd: ROOT, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}
