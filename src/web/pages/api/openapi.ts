/** What is read of the service's description of itself: https://spec.openapis.org/oas/v3.1.0 */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Parameter {
  readonly in: 'query' | 'path' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

interface Described {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
  /** Empty where nobody is asked for a key. */
  readonly security?: readonly unknown[];
}

export interface OpenApi {
  readonly info: { readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A call that can be made. */
export interface Operation extends Described {
  /** As it stands in the address of its page. */
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  /** With `{places}` for what its parameters give. */
  readonly path: string;
}

export interface Group {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

/** Those that the page has words for. */
const KNOWN_GROUPS = [
  'Classify',
  'Jobs',
  'Data sets',
  'Trainings',
  'Corrections',
  'Models',
  'Service',
  'Health',
] as const;

export const isKnownGroup = (name: string): name is (typeof KNOWN_GROUPS)[number] =>
  KNOWN_GROUPS.some((known) => known === name);

/** The calls by their tags, in the service's order. */
export function groupsOf({ tags, paths }: OpenApi): readonly Group[] {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]): Operation => {
      const id = described.operationId ?? `${method}${path}`.replace(/[^a-z0-9]+/gi, '-');
      return { ...described, id, method: method.toUpperCase(), path };
    }),
  );
  const hasTag = (name: string) => operations.filter((operation) => operation.tags?.[0] === name);
  return tags.map(({ name, description }) => ({ name, description, operations: hasTag(name) }));
}

/** The calls in which every word that is looked for occurs; groups without any are left out. */
export function matching(groups: readonly Group[], wanted: string): readonly Group[] {
  const words = wanted.toLowerCase().split(/\s+/);
  const fits = ({ method, path, summary = '', description = '', id }: Operation) => {
    const text = [method, path, summary, description, id].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return groups
    .map((group) => ({ ...group, operations: group.operations.filter(fits) }))
    .filter(({ operations }) => operations.length > 0);
}

export interface ErrorsOf {
  readonly status: string;
  readonly codes: readonly string[];
}

/** What a call can be refused with: the service lists the codes as the description of each status. */
export const errorsOf = ({ responses }: Operation): readonly ErrorsOf[] =>
  Object.entries(responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, { description }]) => ({ status, codes: description.split(/,\s*/) }));

export const isOpen = ({ security }: Operation): boolean => security?.length === 0;

/** Whether it wants the admin token. */
export const manages = (operation: Operation): boolean =>
  errorsOf(operation).some(({ codes }) => codes.includes('MANAGEMENT_REFUSED'));

/** The type of what is answered when all is well; undefined for nothing. */
export function answerTypeOf({ responses }: Operation): string | undefined {
  const [, answer] = Object.entries(responses).find(([status]) => Number(status) < 300) ?? [];
  return Object.keys(answer?.content ?? {})[0];
}
