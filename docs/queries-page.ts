/** docs/queries.md: the investigation library. */
import { exampleCommand } from '../cli/explain-query.js';
import { loadLibrary, queryGroups, type LibraryQuery } from '../queries/library.js';
import { anchor, block, code, list, page, prose, section, table } from './markdown.js';

const introduction = `\
Queries by name: \`bucketwatch query NAME --param name=value\`. Every parameter has a default, and a day is of
UTC. \`bucketwatch query NAME --explain\` says the same as this page. Each is a file of [queries/](../queries) that you can
copy and change.`;

export function queriesPage(): string {
  const library = loadLibrary();
  const groups = Object.entries(queryGroups).map(([group, title]) => ({
    title,
    members: library.filter((query) => query.group === group),
  }));
  return page(
    'Query library',
    introduction,
    ...groups.map(({ title, members }) =>
      [
        `**${prose(title)}**`,
        list(members.map(({ name, question }) => `[${code(name)}](${anchor(name)}): ${prose(question)}`)),
      ].join('\n\n'),
    ),
    ...groups.flatMap(({ members }) => members.map(querySection)),
  );
}

function querySection(query: LibraryQuery): string {
  const parameters = Object.entries(query.parameters).map(([name, parameter]) => [
    code(name),
    code(JSON.stringify(parameter.default)),
    prose(parameter.description),
  ]);
  const columns = Object.entries(query.columns).map(([name, meaning]) => [code(name), prose(meaning)]);
  return section(
    2,
    code(query.name),
    `**${prose(query.title)}.** ${prose(query.question)} ([SQL](../queries/${query.name}.sql))`,
    ...(query.note === undefined ? [] : [prose(query.note)]),
    table(['parameter', 'default', 'meaning'], parameters),
    table(['column', 'meaning'], columns),
    block('sh', exampleCommand(query)),
  );
}
