/** docs/queries.md: the investigation library. */
import { loadLibrary, type LibraryQuery } from '../queries/library.js';
import { anchor, block, code, list, page, prose, section, table } from './markdown.js';

/** Values of the demonstration, for parameters whose default finds nothing. */
const exampleValues: Readonly<Record<string, string>> = {
  bucket: 'acme-customer-docs',
  principal: 'arn:aws:iam::111122223333:role/db-backup',
};

const introduction = `\
Queries by name: \`bucketwatch query NAME --param name=value\`. Every parameter has a default. Each is a file of
[queries/](../queries) that you can copy and change.`;

export function queriesPage(): string {
  const library = loadLibrary();
  return page(
    'Query library',
    introduction,
    list(library.map(({ name, question }) => `[${code(name)}](${anchor(name)}): ${prose(question)}`)),
    ...library.map(querySection),
  );
}

function querySection(query: LibraryQuery): string {
  const parameters = Object.entries(query.parameters);
  const rows = parameters.map(([name, parameter]) => [
    code(name),
    code(JSON.stringify(parameter.default)),
    prose(parameter.description),
  ]);
  return section(
    2,
    code(query.name),
    `**${prose(query.title)}.** ${prose(query.question)} ([SQL](../queries/${query.name}.sql))`,
    table(['parameter', 'default', 'meaning'], rows),
    block(
      'sh',
      exampleCommand(
        query.name,
        parameters.map(([name]) => name),
      ),
    ),
  );
}

function exampleCommand(name: string, parameters: readonly string[]): string {
  const given = parameters.filter((parameter) => parameter in exampleValues);
  return [
    'bucketwatch query',
    name,
    ...given.map((parameter) => `--param ${parameter}=${exampleValues[parameter]}`),
  ].join(' ');
}
