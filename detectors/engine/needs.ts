/** What a detector needs of the config to find anything; without it, it is silent, and people should know. */
import type { FileConfig } from '../../config/schema.js';
import type { DetectorNeed } from '../format/detector.js';

const isMet: Readonly<Record<DetectorNeed, (config: FileConfig) => boolean>> = {
  'accounts.trusted': ({ accounts }) => accounts.trusted.length > 0,
  'networks.trusted': ({ networks }) => networks.trusted.length > 0,
  business_hours: ({ businessHours }) => businessHours !== null,
  'threat_lists of kind custom': (config) => hasList(config, 'custom'),
  'threat_lists of kind threat': (config) => hasList(config, 'threat'),
  'threat_lists of kind tor': (config) => hasList(config, 'tor'),
};

function hasList({ threatLists }: FileConfig, kind: string): boolean {
  return threatLists.some((list) => list.kind === kind);
}

/** The key that the config lacks; null when the detector has what it needs. */
export function missingNeed(need: DetectorNeed | null, config: FileConfig): DetectorNeed | null {
  return need === null || isMet[need](config) ? null : need;
}
