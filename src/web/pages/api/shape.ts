/** What a schema says, without its detours: references followed, `null` among the alternatives taken apart. */
import type { OpenApi, Schema } from './openapi.ts';

type Schemas = OpenApi['components']['schemas'];

export interface Shape {
  readonly type: 'object' | 'list' | 'choice' | 'text' | 'number' | 'integer' | 'yes-no' | 'bytes' | 'any';
  /** By which the service calls it, if it does. */
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly nullable: boolean;
  /** The values that are allowed, as JSON has them. */
  readonly values: readonly string[];
  /** Of numbers, of characters, of the length of a list; undefined where there is no limit. */
  readonly least: number | undefined;
  readonly most: number | undefined;
  readonly properties: readonly Property[];
  /** Of a list: what its elements are. */
  readonly items: Shape | undefined;
  /** Of a choice: one of these. */
  readonly variants: readonly Shape[];
}

export interface Property {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
}

const REFERENCE = '#/components/schemas/';

/** Something that contains itself is shown once. */
export function shapeOf(schema: Schema, schemas: Schemas, within: readonly string[] = []): Shape {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(REFERENCE.length);
    const target = within.includes(name) ? {} : (schemas[name] ?? {});
    const shape = shapeOf(target, schemas, [...within, name]);
    return { ...shape, title: name, description: schema.description ?? shape.description };
  }
  if (schema.anyOf) return shapeOfChoice(schema, schema.anyOf, schemas, within);
  return {
    type: typeOf(schema),
    title: undefined,
    description: schema.description,
    nullable: false,
    values: (schema.enum ?? (schema.const === undefined ? [] : [schema.const])).map((value) => JSON.stringify(value)),
    least: schema.minimum ?? schema.minLength ?? schema.minItems,
    most: schema.maximum ?? schema.maxLength ?? schema.maxItems,
    properties: Object.entries(schema.properties ?? {}).map(([name, property]) => ({
      name,
      required: schema.required?.includes(name) ?? false,
      shape: shapeOf(property, schemas, within),
    })),
    items: schema.items && shapeOf(schema.items, schemas, within),
    variants: [],
  };
}

function shapeOfChoice(
  { description }: Schema,
  alternatives: readonly Schema[],
  schemas: Schemas,
  within: readonly string[],
): Shape {
  const variants = alternatives.filter(({ type }) => type !== 'null').map((one) => shapeOf(one, schemas, within));
  const nullable = variants.length < alternatives.length;
  const [only, ...others] = variants;
  if (only && others.length === 0)
    return { ...only, nullable: nullable || only.nullable, description: description ?? only.description };
  const choice = { type: 'choice', title: undefined, description, nullable, variants } as const;
  return { ...choice, values: [], least: undefined, most: undefined, properties: [], items: undefined };
}

const TYPES: Readonly<Record<string, Shape['type']>> = {
  object: 'object',
  array: 'list',
  string: 'text',
  number: 'number',
  integer: 'integer',
  boolean: 'yes-no',
};

const typeOf = ({ type = '', format }: Schema): Shape['type'] =>
  format === 'binary' ? 'bytes' : (TYPES[type] ?? 'any');

/** Something of that shape to begin with: what is required, the first of the values that are allowed. */
export function exampleOf({ type, values, items, variants, properties, least }: Shape): unknown {
  const [value] = values;
  if (value !== undefined) return JSON.parse(value) as unknown;
  if (type === 'object')
    return Object.fromEntries(
      properties.filter(({ required }) => required).map(({ name, shape }) => [name, exampleOf(shape)]),
    );
  if (type === 'list') return items ? [exampleOf(items)] : [];
  if (type === 'choice') return variants[0] ? exampleOf(variants[0]) : null;
  if (type === 'number' || type === 'integer') return least ?? 0;
  if (type === 'yes-no') return false;
  return type === 'text' ? '' : null;
}
