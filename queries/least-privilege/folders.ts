/**
 * Folders as patterns of a policy: few enough to read, and never narrower than what was used. In a pattern `*` matches any
 * text, slashes too, so a folder covers everything below it.
 */

/** Stand for any text and for one character in folders from SQL. */
const anyText = '\x01';
const anyCharacter = '\x02';

/** More folders than this in one folder are that folder, but never the whole bucket. */
const maxSiblings = 8;

interface Node {
  readonly children: Map<string, Node>;
  /** Whether objects lie in it directly, so that all below is covered. */
  isLeaf: boolean;
}

/** At most `limit` folders (1 or more) that cover all of the given ones, which end in `/`, are keys, or are '' for everything. */
export function foldFolders(folders: Iterable<string>, limit: number): string[] {
  const root: Node = { children: new Map(), isLeaf: false };
  for (const folder of folders) insert(root, segmentsOf(folder));
  for (const child of root.children.values()) prune(child);
  for (let count = leavesOf(root).length; count > limit; count = leavesOf(root).length) {
    const branches = deepestBranches(root);
    // One at a time keeps the rest narrow; with very many, a level at a time keeps it quick.
    for (const branch of count > manyLeaves ? branches : branches.slice(0, 1)) collapse(branch);
  }
  return leavesOf(root).sort();
}

const manyLeaves = 200;

/** Segments with the slash that ends them: `a/b/` is `a/`, `b/`; a key is one segment without. */
function segmentsOf(folder: string): string[] {
  return folder.match(/[^/]*\/|[^/]+$/g) ?? [];
}

function insert(root: Node, segments: readonly string[]): void {
  let node = root;
  for (const segment of segments) {
    if (node.isLeaf) return;
    let next = node.children.get(segment);
    if (next === undefined) node.children.set(segment, (next = { children: new Map(), isLeaf: false }));
    node = next;
  }
  collapse(node);
}

function collapse(node: Node): void {
  node.children.clear();
  node.isLeaf = true;
}

function prune(node: Node): void {
  for (const child of node.children.values()) prune(child);
  if (node.children.size > maxSiblings) collapse(node);
}

function leavesOf(node: Node, path = ''): string[] {
  if (node.isLeaf) return [path];
  return [...node.children].flatMap(([segment, child]) => leavesOf(child, path + segment));
}

/** The branches that widen least: the deepest, and of those the ones with the fewest folders first. */
function deepestBranches(root: Node): Node[] {
  let deepest = 0;
  let found: Node[] = [];
  const visit = (node: Node, depth: number): void => {
    if (node.children.size > 1 && depth >= deepest) {
      if (depth > deepest) found = [];
      deepest = depth;
      found.push(node);
    }
    for (const child of node.children.values()) visit(child, depth + 1);
  };
  visit(root, 0);
  return found.sort((a, b) => a.children.size - b.children.size);
}

/**
 * A folder as the end of an ARN: what is special in policies is written as itself, what policies cannot hold (beyond
 * U+00FF, and controls) is any character. A folder is everything in it; a key is only itself.
 */
export function folderPattern(folder: string): string {
  const text = folder.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
  const pattern = text
    .replaceAll(anyText, '*')
    .replaceAll(anyCharacter, '?')
    .replaceAll(/[\ud800-\udfff]+/g, '*')
    .replaceAll(/[^\x20-\x7e\xa1-\xff]/g, '?');
  const whole = folder === '' || folder.endsWith('/') ? `${pattern}*` : pattern;
  return whole.replaceAll(/\*{2,}/g, '*');
}
