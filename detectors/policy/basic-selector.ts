/** One entry of `eventSelectors`: management events by default, and data resources by ARN prefix. */
import { flag, firstText, loggedObjects, texts, type LoggedObject } from './logged-shapes.js';
import { field, type ParsedSelector, type ReadWrite, type SelectorScope } from './trail-selector.js';

/** Reads a basic selector; what is left out has the default of the API (management events, All). */
export function basicSelector(selector: LoggedObject): ParsedSelector {
  const readWrite = readWriteIn(firstText(field(selector, 'readWriteType')));
  const resources = loggedObjects(field(selector, 'dataResources'));
  const scopes = resources
    .filter((resource) => firstText(field(resource, 'type')) === 'AWS::S3::Object')
    .flatMap((resource) => texts(field(resource, 'values')).map((value) => scopeOf(value, readWrite)));
  const management = flag(field(selector, 'includeManagementEvents')) === false ? null : readWrite;
  return {
    management,
    excludedSources: management === null ? [] : texts(field(selector, 'excludeManagementEventSources')),
    scopes,
  };
}

function readWriteIn(written: string | null): ReadWrite {
  return written === 'ReadOnly' || written === 'WriteOnly' ? written : 'All';
}

function scopeOf(value: string, readWrite: ReadWrite): SelectorScope {
  return { arnPrefix: arnPrefix(value), readWrite, excluded: [], filters: [] };
}

/** `arn:aws:s3` and `arn:aws:s3:::` mean every bucket; `arn:aws:s3:::bucket/` one bucket; longer values a prefix in it. */
export function arnPrefix(value: string): string {
  return /^arn:[^:]*:s3:{0,3}$/.test(value) ? '' : value;
}
