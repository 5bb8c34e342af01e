/** Which S3 data events a trail records. */
import { firstText } from '../policy/logged-shapes.js';
import { coveredBySelectors, isNarrower, type SelectorCoverage } from '../policy/selector-coverage.js';
import type { ConfigurationEvent } from './configuration-history.js';
import type { Control } from './control.js';

/** The S3 data events of a trail; the resource is the name of the trail, which calls give alone or as an ARN. */
export const s3DataEvents: Control<SelectorCoverage> = {
  name: 's3-data-events',
  setBy: ['PutEventSelectors'],
  forgottenBy: ['DeleteTrail', 'CreateTrail'],
  resourceOf: trailOfEvent,
  stateAfter: ({ parameters }) => coveredBySelectors(parameters),
  isWeaker: isNarrower,
  isAllOff: ({ readWrite }) => readWrite === 'None',
};

/** Two accounts may have trails of one name, so the account stands before it. */
export function trailOfEvent({ parameters, resource, accountId }: ConfigurationEvent): string | null {
  const written = firstText(parameters?.['trailName']) ?? firstText(parameters?.['name']) ?? resource;
  const name = written?.split('/').at(-1);
  return name === undefined ? null : `${accountId ?? ''}/${name}`;
}
