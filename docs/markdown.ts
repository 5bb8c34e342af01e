/** Markdown as the derived pages write it: paragraphs, tables and fences, each a string without a line break at its end. */

const notice = '<!-- Written from the code by "npm run docs". Do not edit. -->';

/** A page of its parts, with a blank line between them; empty parts are left out. */
export function page(title: string, ...parts: readonly string[]): string {
  return `${joined(notice, `# ${title}`, ...parts)}\n`;
}

/** A section with its heading. */
export function section(level: 2 | 3 | 4, title: string, ...parts: readonly string[]): string {
  return joined(`${'#'.repeat(level)} ${title}`, ...parts);
}

/** Parts with a blank line between them; empty ones are left out. */
export function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A table; '' when it has no rows. Cells are one line. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [heads, heads.map(() => '---'), ...rows.map((row) => row.map(cell))];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');
}

/** Text as it is; a placeholder such as `<bucket>` would be an HTML tag and vanish. */
export function prose(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** A fenced block. */
export function block(language: 'sh' | 'sql' | 'text' | 'yaml' | 'json', text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** The anchor that GitHub gives a heading of plain words or one code span. */
export function anchor(heading: string): string {
  return `#${heading.toLowerCase().replaceAll(' ', '-')}`;
}
