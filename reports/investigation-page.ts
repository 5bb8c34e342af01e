/** stub */
import type { Investigation } from '../queries/investigation/investigate.js';
export function investigationPage(_i: Investigation, _o: { readonly writtenMs: number }): string {
  return '';
}
