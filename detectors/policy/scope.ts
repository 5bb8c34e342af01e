/** What is left of an Allow after the Deny statements that a caller cannot avoid: actions and resources are taken away in pairs. */
import type { Scope } from './policy-document.js';
import { coversPattern, sharesText } from './policy-pattern.js';

/** The scope without what the denied scopes cover; null when nothing is left. */
export function withoutDenied(allowed: Scope, denied: readonly Scope[]): Scope | null {
  if (allowed.actions.length === 0 || allowed.resources.length === 0) return null;
  if (denied.length === 0) return allowed;
  const byAction = allowed.actions.map((action) => denied.map((deny) => coversAction(deny, action)));
  const byResource = allowed.resources.map((resource) => denied.map((deny) => coversResource(deny, resource)));
  const isLeft = (action: number, resource: number): boolean =>
    !concernsObjectsOnly(allowed.actions[action]!, allowed.resources[resource]!) &&
    !denied.some((_, deny) => byAction[action]![deny]! && byResource[resource]![deny]!);
  const actions = allowed.actions.filter((_, action) => byResource.some((_, resource) => isLeft(action, resource)));
  const resources = allowed.resources.filter((_, resource) => byAction.some((_, action) => isLeft(action, resource)));
  return actions.length === 0 ? null : { ...allowed, actions, resources };
}

/** Whether a Deny takes anything from an Allow: worth naming beside the grant. */
export function touches(deny: Scope, allowed: Scope): boolean {
  return (
    allowed.actions.some((action) => coversAction(deny, action)) &&
    allowed.resources.some((resource) => coversResource(deny, resource))
  );
}

function coversAction(deny: Scope, action: string): boolean {
  const lower = action.toLowerCase();
  if (deny.exceptActions.some((except) => sharesText(except.toLowerCase(), lower))) return false;
  return deny.actions.some((wide) => coversPattern(wide.toLowerCase(), lower));
}

function coversResource(deny: Scope, resource: string): boolean {
  if (deny.exceptResources.some((except) => sharesText(except, resource))) return false;
  return deny.resources.some((wide) => coversPattern(wide, resource));
}

/** An action on objects beside the ARN of the bucket itself allows nothing, so it is not "left" when only the objects were denied. */
function concernsObjectsOnly(action: string, resource: string): boolean {
  return (
    /^s3:[a-z]*object[a-z]*$/i.test(action) && !/bucket/i.test(action) && /^arn:[^:]*:s3:::[^/*?]+$/.test(resource)
  );
}
