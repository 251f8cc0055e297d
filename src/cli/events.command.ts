import { Command, CommandRunner } from 'nest-commander';
import { EventsReplayCommand } from './events-replay.command';
import { EventsVerifyCommand } from './events-verify.command';

/** The parent of everything about providers' events; alone it only tells what there is. */
@Command({
  name: 'events',
  description: "Work with the providers' events",
  subCommands: [EventsReplayCommand, EventsVerifyCommand],
})
export class EventsCommand extends CommandRunner {
  run(): Promise<void> {
    this.command.outputHelp({ error: true });
    process.exitCode = 1;
    return Promise.resolve();
  }
}
