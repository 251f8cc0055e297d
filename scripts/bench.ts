import { readdirSync } from 'node:fs';
import path from 'node:path';
import { jsonLine, table, type Benchmark } from '../bench/support/report';
import { runMain } from './run-main';
import { ROOT } from './services/paths';

const FOLDER = path.join(ROOT, 'bench');
const FILE = /\.bench\.ts$/;

/**
 * `npm run bench [-- <name>...] [--json]`: each hot path beside its floor, measured in turns in one run; with `--json` one
 * line per case on standard output. What happens meanwhile goes to standard error.
 */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const json = args.includes('--json');
  const wanted = args.filter((arg) => arg !== '--json');
  const names = readdirSync(FOLDER)
    .filter((file) => FILE.test(file))
    .map((file) => file.replace(FILE, ''))
    .sort();
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no benchmark "${unknown.join(', ')}". There are: ${names.join(', ')}.`);
  for (const name of wanted.length > 0 ? wanted : names) {
    const { bench } = (await import(path.join(FOLDER, `${name}.bench.ts`))) as { bench: Benchmark };
    process.stderr.write(`\n${name}: ${bench.about}\n`);
    const results = await bench.run((line) => process.stderr.write(`  ${line}\n`));
    process.stdout.write(
      json ? results.map((result) => `${jsonLine(name, result)}\n`).join('') : `${table(results)}\n`,
    );
  }
}

runMain(main);
