/** The values that controls take, as they are written on the command line. Each throws `usage` on what is none. */
import { AppError } from '../../config/app-error.js';
import { toCidr } from '../../config/scalars.js';
import { isPrivate } from './addresses.js';
import type { GivenValues } from './control.js';

type OptionName = Exclude<keyof GivenValues, 'values'>;

const flags: Readonly<Record<OptionName, string>> = {
  min: '--min',
  vpcEndpoint: '--vpc-endpoint',
  breakGlass: '--break-glass',
  distribution: '--distribution',
  days: '--days',
  hours: '--hours',
  timeZone: '--time-zone',
};

/** Refuses values and options that the control does not take, so that none is silently without effect. */
export function refuseOthers(
  control: string,
  given: GivenValues,
  taken: { readonly values: boolean; readonly options: readonly OptionName[] },
): void {
  if (!taken.values && given.values.length > 0)
    throw new AppError('usage', `${control} ${given.values[0]!}: takes no value; expected only options`);
  for (const [name, flag] of Object.entries(flags) as [OptionName, string][]) {
    if (given[name] === undefined || taken.options.includes(name)) continue;
    const expected = taken.options.map((option) => flags[option]).join(', ') || 'no option of its own';
    throw new AppError('usage', `${control} ${flag}: is not an option of this control; expected ${expected}`);
  }
}

/** CIDRs and addresses in their usual form. A private one is refused: aws:SourceIp never is. */
export function networksOf(control: string, values: readonly string[]): string[] {
  if (values.length === 0)
    throw new AppError('usage', `${control}: no network given; expected CIDRs or addresses, such as 198.51.100.0/24`);
  return values.map((value) => {
    const cidr = toCidr(value);
    if (cidr === null)
      throw new AppError('usage', `${control} ${value}: is not a network; expected a CIDR such as 198.51.100.0/24`);
    if (isPrivate(cidr.split('/')[0]!))
      throw new AppError(
        'usage',
        `${control} ${value}: is a private network, which aws:SourceIp never is; requests from a VPC come through its endpoint: name it with --vpc-endpoint`,
      );
    return cidr;
  });
}

export function endpointsOf(option: string, values: readonly string[]): string[] {
  for (const value of values) {
    if (!/^vpce-[0-9a-f]{8,32}$/.test(value))
      throw new AppError(
        'usage',
        `${option} ${value}: is not a VPC endpoint; expected an id such as vpce-0a1b2c3d4e5f60718`,
      );
  }
  return [...values];
}

const roleArn = /^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/;

export function breakGlassOf(values: readonly string[] = []): string[] {
  for (const value of values) {
    if (!roleArn.test(value))
      throw new AppError(
        'usage',
        `--break-glass ${value}: is not a role; expected an ARN such as arn:aws:iam::111122223333:role/break-glass`,
      );
  }
  return [...values];
}

/** Roles as the lake names callers: without their path. */
export function asPrincipals(arns: readonly string[]): string[] {
  return arns.map((arn) => arn.replace(/:role\/.*\//, ':role/'));
}
