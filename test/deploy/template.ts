/** A CloudFormation template as a test reads it: its functions, and what they give for some values of the parameters. */
import fs from 'node:fs';
import path from 'node:path';
import { parse, type ScalarTag, type CollectionTag } from 'yaml';
import { packageRoot } from '../../store/sql-files.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: string | number }>>;
  readonly Conditions: Readonly<Record<string, Json>>;
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Json } & Record<string, Json>>
  >;
  readonly Outputs: Readonly<Record<string, Json>>;
}

const functions = ['Sub', 'If', 'Equals', 'Not', 'And', 'Or', 'Base64'];

/** `!Sub x` is `{ 'Fn::Sub': x }`; `!Ref` and `!Condition` have no prefix; `!GetAtt a.b` is a list. */
function tags(): (ScalarTag | CollectionTag)[] {
  const named = [
    ...functions.map((name) => [name, `Fn::${name}`] as const),
    ['Ref', 'Ref'],
    ['Condition', 'Condition'],
  ] as const;
  const both = named.flatMap(([tag, key]): (ScalarTag | CollectionTag)[] => [
    { tag: `!${tag}`, resolve: (text: string) => ({ [key]: text }) },
    {
      tag: `!${tag}`,
      collection: 'seq',
      resolve: (items: { toJSON(): unknown }) => ({ [key]: items.toJSON() }),
    } as unknown as CollectionTag,
  ]);
  return [...both, { tag: '!GetAtt', resolve: (text: string) => ({ 'Fn::GetAtt': text.split('.') }) }];
}

export function readTemplate(file: string): Template {
  const text = fs.readFileSync(path.join(packageRoot, file), 'utf8');
  // Tags inside collections come back as objects of the parser; JSON makes all of it plain.
  return JSON.parse(JSON.stringify(parse(text, { customTags: tags(), logLevel: 'error' }))) as Template;
}

/** A value that must be a text or a number. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new Error(`${JSON.stringify(value)}: not a text`);
}

const noValue = Symbol('AWS::NoValue');

/** What CloudFormation would put there. Attributes and names of resources become `<Resource.Attribute>`. */
export class Evaluation {
  readonly #template: Template;
  readonly #values: Readonly<Record<string, string>>;

  constructor(template: Template, parameters: Readonly<Record<string, string>>) {
    this.#template = template;
    const defaults = Object.entries(template.Parameters).map(([name, { Default }]) => [name, String(Default)]);
    this.#values = {
      'AWS::Partition': 'aws',
      'AWS::Region': 'eu-central-1',
      'AWS::AccountId': '111122223333',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': 'watch',
      ...Object.fromEntries(defaults),
      ...parameters,
    };
  }

  of(value: Json): Json {
    const result = this.#of(value);
    if (typeof result === 'symbol') throw new Error('AWS::NoValue stands where something must be');
    return result;
  }

  #of(value: Json): Json | typeof noValue {
    if (Array.isArray(value)) {
      return (value as Json[]).map((item) => this.#of(item)).filter((item) => typeof item !== 'symbol');
    }
    if (value === null || typeof value !== 'object') return value;
    const [[key, argument] = ['', null], ...others] = Object.entries(value as Record<string, Json>);
    if (others.length === 0 && (key === 'Ref' || key === 'Condition' || key.startsWith('Fn::')))
      return this.#call(key, argument);
    const members = Object.entries(value as Record<string, Json>).map(
      ([name, member]) => [name, this.#of(member)] as const,
    );
    return Object.fromEntries(members.filter(([, member]) => typeof member !== 'symbol')) as Json;
  }

  #call(name: string, argument: Json): Json | typeof noValue {
    const list = argument as Json[];
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? noValue : this.#named(argument as string);
      case 'Condition':
        return this.of(this.#template.Conditions[argument as string]!);
      case 'Fn::GetAtt':
        return this.#named(list.map(textOf).join('.'));
      case 'Fn::If':
        return this.#of(this.of({ Condition: list[0]! }) === true ? list[1]! : list[2]!);
      case 'Fn::Equals':
        return this.of(list[0]!) === this.of(list[1]!);
      case 'Fn::Not':
        return this.of(list[0]!) !== true;
      case 'Fn::And':
        return list.every((item) => this.of(item) === true);
      case 'Fn::Base64':
        return this.of(argument);
      case 'Fn::Sub':
        return this.#substitute(argument);
      default:
        throw new Error(`${name}: not known to this test`);
    }
  }

  #substitute(argument: Json): string {
    const [text, variables] = Array.isArray(argument)
      ? (argument as [string, Record<string, Json>])
      : [argument as string, {}];
    return text.replaceAll(/\$\{([^}!]+)\}/g, (_, name: string) =>
      name in variables ? textOf(this.of(variables[name]!)) : this.#named(name),
    );
  }

  #named(name: string): string {
    const value = this.#values[name];
    if (value !== undefined) return value;
    const [resource = ''] = name.split('.');
    if (!(resource in this.#template.Resources)) throw new Error(`${name}: neither parameter nor resource`);
    return `<${name}>`;
  }
}
