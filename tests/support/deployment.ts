/** The files of deploy/, as scripts/check-deploy.py reads them. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { project } from './paths.js';
import { python } from './requirements.js';

type Labels = Readonly<Record<string, string>>;

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values: string[] }[];
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
  readonly exec?: { readonly command: readonly string[] };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly Variable[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly resources: { readonly requests: Labels; readonly limits: Labels };
  readonly securityContext: unknown;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodSpec {
  readonly enableServiceLinks: boolean;
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly volumes: readonly {
    readonly name: string;
    readonly configMap?: { readonly name: string };
    readonly persistentVolumeClaim?: { readonly claimName: string };
  }[];
}

/** A document of Kubernetes, with what of it the tests look at. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data: Labels;
  readonly stringData: Labels;
  readonly resources?: readonly string[];
  readonly spec: {
    readonly selector: Selector;
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly { readonly from: readonly { readonly podSelector?: Selector }[] }[];
    readonly egress?: unknown;
    readonly strategy?: { readonly rollingUpdate: Readonly<Record<string, unknown>> };
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly ports: readonly { readonly targetPort?: string; readonly port: number }[];
    readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

export interface ComposeService {
  readonly environment?: Labels;
  readonly command?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly mem_limit: string;
  readonly stop_grace_period: string;
  readonly [key: string]: unknown;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
}

export interface Checked {
  readonly problems: readonly string[];
  readonly documents: readonly { readonly file: string; readonly document: unknown }[];
}

/** Without files, all of deploy/. */
export function checkDeployment(...files: readonly string[]): Checked {
  const script = path.join(project, 'scripts/check-deploy.py');
  const { stdout, stderr } = spawnSync(python, [script, '--json', ...files], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Checked;
}

/** Whether a selector means pods with these labels. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  );
}

/** `2Gi`, `1gb` or `2g` in bytes. */
export function bytesOf(quantity: string): number {
  const [, number, unit = ''] = /^(\d+)([kmg]?)(?:i|b)?$/i.exec(quantity) ?? [];
  return Number(number) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
}

/** The lines of Redis's file of settings, without comments. */
export function redisSettings(lines: readonly string[]): Readonly<Record<string, string>> {
  const settings = lines.map((line) => /^([a-z-]+) (.*)$/.exec(line.trim())).filter((found) => found !== null);
  return Object.fromEntries(settings.map(([, name = '', value = '']) => [name, value.replace(/^"(.*)"$/, '$1')]));
}
