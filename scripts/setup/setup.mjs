// Brings a fresh clone to where the rest of the scripts can run: packages, Prisma's client, the build. Without
// dependencies, because it runs before there are any; each step is skipped when nothing changed since it was last done.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tryLock } from './lock-file.cjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const STATE_FOLDER = path.join(ROOT, '.kassa');
const LOCK_POLL_MS = 200;

/** Each step includes the ones before it. */
const STEPS = [
  { name: 'install', title: 'Installing packages', isDone: packagesAreInstalled, run: installPackages },
  { name: 'generate', title: 'Generating the Prisma client', isDone: clientIsGenerated, run: generateClient },
  { name: 'build', title: 'Building', isDone: isBuilt, run: build },
];

/** @param {'install' | 'generate' | 'build'} upTo the last step that is needed */
export async function setUp(upTo) {
  checkNode();
  const steps = STEPS.slice(0, STEPS.findIndex(({ name }) => name === upTo) + 1);
  if (steps.every(({ isDone }) => isDone())) return;
  const unlock = await lock();
  try {
    for (const { title, isDone, run } of steps) {
      // Another process may have done it while this one waited.
      if (isDone()) continue;
      const started = Date.now();
      process.stderr.write(`${title} ... `);
      run();
      process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    }
  } finally {
    unlock();
  }
}

function checkNode() {
  const wanted = readJson('package.json').engines.node.replace('>=', '').split('.').map(Number);
  const actual = process.versions.node.split('.').map(Number);
  if (actual[0] > wanted[0] || (actual[0] === wanted[0] && actual[1] >= wanted[1])) return;
  throw new Error(`Kassa needs Node ${wanted.join('.')} or newer; this is ${process.version}.`);
}

/** Two processes in one clone must not both rebuild node_modules: the second waits, and then has nothing to do. */
async function lock() {
  for (let attempt = 0; ; attempt += 1) {
    const unlock = tryLock(path.join(STATE_FOLDER, 'setup.lock'));
    if (unlock !== undefined) return unlock;
    if (attempt === 0) process.stderr.write('Another process is setting up this folder; waiting for it.\n');
    await delay(LOCK_POLL_MS);
  }
}

/** Compares the lock file with the one npm leaves in node_modules at the end of an installation, whoever ran it. */
function packagesAreInstalled() {
  const record = path.join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(readJson('package-lock.json').packages).every(
    ([at, { version, optional }]) =>
      at === '' || (at in installed ? installed[at].version === version : optional === true),
  );
}

function installPackages() {
  // Under `npm run` npm says where it is; NODE_ENV=production must not leave the tools out.
  const npm = process.env['npm_execpath'];
  const [command, ...before] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  run(command, [...before, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
}

function clientIsGenerated() {
  return existsSync(path.join(ROOT, 'src/generated/prisma')) && readStamp('generate') === schemaHash();
}

function generateClient() {
  run(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], {
    // `generate` never runs the native engine, but downloads it unless it is told of an existing file.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  });
  writeStamp('generate', schemaHash());
}

function schemaHash() {
  return hashOf(['prisma/schema', 'prisma.config.ts', 'node_modules/prisma/package.json']);
}

function isBuilt() {
  return existsSync(path.join(ROOT, 'dist')) && readStamp('build') === sourceHash();
}

function build() {
  rmSync(path.join(ROOT, 'dist'), { recursive: true, force: true });
  run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build']);
  const sandbox = ['sandbox', '-d', 'dist/sandbox', '--strip-leading-paths', '--copy-files', '--quiet'];
  run(process.execPath, ['node_modules/@swc/cli/bin/swc.js', ...sandbox]);
  writeStamp('build', sourceHash());
}

function sourceHash() {
  return hashOf([
    'src',
    'sandbox',
    '.swcrc',
    'nest-cli.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
  ]);
}

/** One hash over the names and contents of these files and folders. */
function hashOf(names) {
  const hash = createHash('sha256').update(process.version);
  for (const name of names) {
    for (const file of filesIn(name))
      hash
        .update(`${file}\0`)
        .update(readFileSync(path.join(ROOT, file)))
        .update('\0');
  }
  return hash.digest('hex');
}

function filesIn(name) {
  const stats = statSync(path.join(ROOT, name), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [name];
  return readdirSync(path.join(ROOT, name), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

function readStamp(name) {
  const file = path.join(STATE_FOLDER, `${name}.stamp`);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function writeStamp(name, hash) {
  mkdirSync(STATE_FOLDER, { recursive: true });
  writeFileSync(path.join(STATE_FOLDER, `${name}.stamp`), hash);
}

function readJson(name) {
  return JSON.parse(readFileSync(path.join(ROOT, name), 'utf8'));
}

/** Quiet when it goes well; what it printed is the reason when it does not. */
function run(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, ...env } });
  if (result.status === 0) return;
  const output = [result.error?.message, result.stdout, result.stderr].filter(Boolean).join('\n');
  throw new Error(`${path.basename(command)} ${args.join(' ')} failed:\n${output}`);
}
