import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { toolPath } from './tools';

/** Runs one of the project's command-line tools with the terminal as its own; Ctrl-C reaches it directly. */
const [name = '', ...args] = process.argv.slice(2);
const { status, signal } = spawnSync(process.execPath, [toolPath(name), ...args], { stdio: 'inherit' });
process.exitCode = status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
