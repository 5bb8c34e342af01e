/** `bucketwatch completion`: the script that makes a shell complete our commands. */
import type { Command } from 'commander';
import { exitCodes } from '../../config/app-error.js';
import { loadLibrary } from '../../queries/library.js';
import { bashScript } from '../completion/bash.js';
import { fishScript } from '../completion/fish.js';
import { commandWords } from '../completion/words.js';
import { zshScript } from '../completion/zsh.js';
import type { CommandContext } from '../context.js';
import { streamOutput } from '../output/output-stream.js';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** The shells that there is a script for. */
export type Shell = keyof typeof scripts;

/** The command over a program, whose words the script holds. */
export function completionCommand(program: Command): (context: CommandContext, shell: Shell) => Promise<number> {
  return async ({ stdout }, shell) => {
    const parameters = loadLibrary().map((query) => [query.name, Object.keys(query.parameters)] as const);
    const output = streamOutput(stdout);
    await output.write(scripts[shell](commandWords(program), Object.fromEntries(parameters)));
    await output.flush();
    return exitCodes.done;
  };
}
