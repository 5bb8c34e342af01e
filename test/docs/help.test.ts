/** What the command line says about itself, held to the style of the house. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../../cli/program.js';
import { allCommands, helpText } from '../../docs/cli-page.js';
import { packageRoot } from '../../store/sql-files.js';
import { helpExamples } from './blocks.js';

/** First words of descriptions. A new command may add its verb. */
const verbs = new Set(
  `Acknowledge Ask Check Close Compact Deliver Detect Explain Ingest Investigate List Look Open Preview Print Publish Read
  Reopen Replay Report Run Show Test Watch Watches Write`.split(/\s+/),
);
const commands = allCommands();
const named = commands.map(({ name, command }) => [name, command] as const);

describe('the command line', () => {
  it.each(named)('%s describes itself in one line that begins with a verb and ends with a full stop', (_, command) => {
    const description = command.description();
    expect(description).toMatch(/^[A-Z].*[^.][.]$/);
    expect(description.length).toBeLessThanOrEqual(79);
    expect(verbs).toContain(description.split(' ')[0]!.replace(',', ''));
  });

  it.each(named.filter(([, command]) => command.commands.length === 0))(
    '%s has an example in its help',
    (name, command) => {
      const examples = helpExamples(helpText(command));
      expect(examples.filter((example) => example.includes(name))).not.toEqual([]);
    },
  );

  it.each(named)('%s describes its options and arguments in sentences', (_, command) => {
    const texts = [...command.options, ...command.registeredArguments].map(({ description }) => description);
    expect(texts.filter((text) => !/^[A-Z].*[^.][.]( \(default: .*\))?$/s.test(text))).toEqual([]);
  });

  it.each(named)('%s keeps its help within 80 columns', (_, command) => {
    const lines = helpText(command).split('\n');
    expect(lines.filter((line) => line.length > 80 && !line.trimStart().startsWith('$'))).toEqual([]);
  });

  it('knows the version of the package', () => {
    const text = fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8');
    expect(version).toBe((JSON.parse(text) as { version: string }).version);
  });
});
