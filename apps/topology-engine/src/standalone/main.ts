import { createLogger, messageOf } from '@pilotfish/service';
import { FileInventory } from './file-inventory.ts';
import { FileStore } from './file-store.ts';
import { help, parseOptions, type StandaloneOptions } from './options.ts';
import { runStandalone } from './run-standalone.ts';
import { keptToken, readToken } from './token.ts';

function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function optionsOrExit(): StandaloneOptions {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== 'help') return options;
  } catch (error: unknown) {
    refuse(`${messageOf(error)}\n\n${help}`);
  }
  process.stdout.write(help);
  process.exit(0);
}

const options = optionsOrExit();
const logger = createLogger({ service: 'topology-engine', level: options['log-level'] });
const { state, 'token-file': tokenFile } = options;
const open = async () => {
  const inventory = await FileInventory.open({ path: options.inventory, env: process.env, logger });
  const given = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const store = await FileStore.open(state);
  return { inventory, store, token: given ?? (await keptToken(state)) };
};
const parts = await open().catch((error: unknown) => refuse(messageOf(error)));
await runStandalone({ options, ...parts, logger });
