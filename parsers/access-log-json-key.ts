/**
 * Decodes the key of a JSON record only where the request URI proves how: whether JSON delivery encodes keys as the text
 * form does is not documented, and a key may hold a percent sign of its own.
 */

/**
 * The key decoded as often as it takes to equal the path of the request; null when it equals the path as it is, or no
 * decoding does. `uri` is the request line, such as `GET /a%20b HTTP/1.1`.
 */
export function decodedJsonKey(key: string, uri: string, bucket: string | null): string | null {
  const path = decode(uri.split(' ')[1]?.split('?')[0]?.slice(1) ?? '', false);
  if (path === null || path === '') return null;
  const isPath = (candidate: string): boolean => candidate === path || `${bucket}/${candidate}` === path;
  if (isPath(key)) return null;
  const once = decode(key, true);
  if (once === null || isPath(once)) return once;
  const twice = decode(once, true);
  return twice !== null && isPath(twice) ? twice : null;
}

function decode(text: string, plusIsSpace: boolean): string | null {
  try {
    return decodeURIComponent(plusIsSpace ? text.replaceAll('+', ' ') : text);
  } catch {
    return null;
  }
}
