/** The commands of the shell that are no SQL, with what each takes and does. */

/** Modes of printing: the formats that people can read, and one value a line. */
export const modes = ['table', 'expanded', 'json', 'jsonl', 'csv', 'markdown'] as const;

/** One value of `.mode`. */
export type Mode = (typeof modes)[number];

/** Usage and meaning by name, in the order of `.help`. */
export const commandHelp: Readonly<Record<string, readonly [usage: string, meaning: string]>> = {
  '.tables': ['.tables', 'List the tables and views.'],
  '.schema': ['.schema [TABLE]', 'List the columns of a table, or of all, with their meaning.'],
  '.queries': ['.queries [WORD]', 'List the library queries, or those that speak of a word.'],
  '.explain': ['.explain NAME | SQL', 'Explain a library query, or show the plan of SQL.'],
  '.mode': [`.mode ${modes.join('|')}`, 'Choose how rows are printed.'],
  '.rows': ['.rows N|all', 'Print at most so many rows of a result.'],
  '.export': ['.export FILE', 'Run the last query again into a new file: .csv .json .jsonl .md .arrow .parquet'],
  '.timer': ['.timer on|off', 'Say how long each query took.'],
  '.help': ['.help', 'Show this.'],
  '.quit': ['.quit', 'Leave; so does Ctrl-D.'],
};

export const commandNames: readonly string[] = Object.keys(commandHelp);

/** What can follow a command: words, or names of tables or of library queries. */
export const commandArguments: Readonly<Record<string, readonly string[] | 'table' | 'query'>> = {
  '.schema': 'table',
  '.explain': 'query',
  '.mode': modes,
  '.rows': ['100', '1000', 'all'],
  '.timer': ['on', 'off'],
};
