/** Finds what documentation and help invite the reader to run. */

/** The contents of the fenced blocks of a language in Markdown. */
export function fencedBlocks(markdown: string, language: string): string[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\n(.*?)^ *\`\`\`$`, 'gms');
  return Array.from(markdown.matchAll(fence), ([, indent = '', body = '']) =>
    body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** Commands of ours in shell text: lines that begin with them, joined where a backslash continues them. */
export function ourCommands(shell: string): string[] {
  const lines = shell.replaceAll('\\\n', ' ').split('\n');
  return lines
    .map((line) => line.trim().replace(/^\$ /, ''))
    .filter((line) => /^((npx )?bucketwatch\b|(npm ci && )?npm start\b|.*\| (npx )?bucketwatch\b)/.test(line));
}

/** Examples of a help text, without the remark that some have behind three spaces or more. */
export function helpExamples(help: string): string[] {
  return Array.from(help.matchAll(/^ {2}\$ (.*)$/gm), ([, line]) => line!.replace(/ {3,}.*$/, '').trim());
}
