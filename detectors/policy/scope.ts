/** What is left of an Allow after the Deny statements that a caller cannot avoid: actions and resources are taken away in pairs. */
import type { Scope } from './policy-document.js';
import { coversPattern, mayShareText } from './policy-pattern.js';

/** What one Deny covers of an Allow: a flag for each of its actions and resources. */
interface Coverage {
  readonly actions: readonly boolean[];
  readonly resources: readonly boolean[];
}

/** An Allow beside all Deny scopes of its policy; comparing the patterns is the expensive part and is done once. */
export interface DeniableScope {
  /** What is left when the Deny scopes with these indices apply; null when that is nothing. */
  without(binding: readonly number[]): Scope | null;
  /** Whether a Deny takes anything from the Allow: worth naming beside the grant. */
  isTouchedBy(deny: number): boolean;
}

export function deniableScope(allowed: Scope, denied: readonly Scope[]): DeniableScope {
  const coverages = denied.map((deny) => coverageOf(deny, allowed));
  const known = new Map<string, Scope | null>();
  return {
    without(binding) {
      const key = binding.join(',');
      let left = known.get(key);
      if (left === undefined)
        known.set(
          key,
          (left = remaining(
            allowed,
            binding.map((deny) => coverages[deny]!),
          )),
        );
      return left;
    },
    isTouchedBy: (deny) => coverages[deny]!.actions.includes(true) && coverages[deny]!.resources.includes(true),
  };
}

function remaining(allowed: Scope, coverages: readonly Coverage[]): Scope | null {
  if (coverages.length === 0) return allowed.actions.length === 0 || allowed.resources.length === 0 ? null : allowed;
  const isLeft = (action: number, resource: number): boolean =>
    !concernsObjectsOnly(allowed.actions[action]!, allowed.resources[resource]!) &&
    !coverages.some((coverage) => coverage.actions[action]! && coverage.resources[resource]!);
  const actions = allowed.actions.filter((_, action) =>
    allowed.resources.some((_resource, resource) => isLeft(action, resource)),
  );
  const resources = allowed.resources.filter((_, resource) =>
    allowed.actions.some((_action, action) => isLeft(action, resource)),
  );
  return actions.length === 0 ? null : { ...allowed, actions, resources };
}

function coverageOf(deny: Scope, { actions, resources }: Scope): Coverage {
  return {
    actions: actions.map((action) => covers(deny.actions.map(lower), deny.exceptActions.map(lower), lower(action))),
    resources: resources.map((resource) => covers(deny.resources, deny.exceptResources, resource)),
  };
}

function covers(wide: readonly string[], except: readonly string[], narrow: string): boolean {
  return !except.some((one) => mayShareText(one, narrow)) && wide.some((one) => coversPattern(one, narrow));
}

/** AWS compares actions without case, and resources with it. */
function lower(text: string): string {
  return text.toLowerCase();
}

/** An action on objects beside the ARN of the bucket itself allows nothing, so it is not "left" when only the objects were denied. */
function concernsObjectsOnly(action: string, resource: string): boolean {
  return (
    /^s3:[a-z]*object[a-z]*$/i.test(action) && !/bucket/i.test(action) && /^arn:[^:]*:s3:::[^/*?]+$/.test(resource)
  );
}
