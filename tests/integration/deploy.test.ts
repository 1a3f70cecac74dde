import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { loadConfiguration } from '#kaiyan/config.js';
import {
  bytesOf,
  type Checked,
  type ComposeFile,
  type Container,
  checkDeployment,
  type Manifest,
  redisSettings,
  type Selector,
  selects,
} from '../support/deployment.js';
import { temporaryFolder } from '../support/folders.js';
import { project } from '../support/paths.js';
import { startRedis } from '../support/redis.js';
import { withoutCommand, withoutPython } from '../support/requirements.js';
import { startKaiyan } from '../support/run-command.js';
import { until } from '../support/timing.js';

const deploy = path.join(project, 'deploy');
const skip = withoutPython('kubernetes_validate', 'compose_spec');
const withoutRedis = withoutCommand('redis-server');
const withoutKubectl =
  spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status !== 0 && 'needs the program kubectl';

describe('the files of deploy/', { skip }, () => {
  let checked: Checked;
  let manifests: readonly Manifest[];
  let compose: ComposeFile;
  const some = (...kinds: readonly string[]) => manifests.filter(({ kind }) => kinds.includes(kind));
  const one = (kind: string, name: string) => {
    const found = some(kind).find(({ metadata }) => metadata.name === name);
    assert.ok(found, `there is no ${kind} ${name}`);
    return found;
  };
  const service = (name: string) => {
    const found = compose.services[name];
    assert.ok(found, `there is no service ${name}`);
    return found;
  };
  const workloads = () => some('Deployment', 'StatefulSet');
  const podOf = ({ spec }: Manifest) => spec.template.spec;
  const labelsOf = ({ spec }: Manifest) => spec.template.metadata.labels;
  const containerOf = (manifest: Manifest): Container => podOf(manifest).containers[0];

  before(() => {
    checked = checkDeployment();
    const inBase = ({ file }: { readonly file: string }) =>
      file.startsWith('kubernetes/') && !file.includes('/optional/');
    manifests = checked.documents.filter(inBase).map(({ document }) => document as Manifest);
    const file = checked.documents.find((candidate) => candidate.file === 'compose.scale.yaml');
    compose = file?.document as ComposeFile;
  });

  /** The variables of a container, with what Kubernetes puts in for names and secrets. */
  function environmentOf(container: Container) {
    const values: Record<string, string> = { KAIYAN_HOME: '/data', KAIYAN_HOST: '0.0.0.0' };
    for (const { configMapRef } of container.envFrom ?? [])
      Object.assign(values, one('ConfigMap', configMapRef.name).data);
    for (const { name, value = 'secret' } of container.env)
      values[name] = value.replace(/\$\((\w+)\)/g, (_, other: string) => values[other] ?? '');
    return values;
  }

  function settingsOf(container: Container) {
    const { settings, warnings } = loadConfiguration({ environment: environmentOf(container), file: '' });
    assert.deepEqual(warnings, []);
    return settings;
  }

  describe('have the form that Kubernetes and Compose take:', () => {
    test('all of them', () => {
      assert.deepEqual(checked.problems, []);
      assert.ok(checked.documents.length > 25);
    });

    const mistakes = [
      { file: 'kubernetes/worker.yaml', right: 'minReadySeconds: 10', wrong: 'minReadySecond: 10' },
      { file: 'kubernetes/network.yaml', right: 'port: 53 }', wrong: 'port: 53, prot: x }' },
      { file: 'kubernetes/redis.yaml', right: 'apiVersion: apps/v1', wrong: 'apiVersion: apps/v3' },
      { file: 'compose.scale.yaml', right: 'pids_limit: 64', wrong: 'pid_limit: 64' },
      { file: 'compose.scale.yaml', right: 'mem_limit: 2g', wrong: 'mem_limit: 2 much' },
      { file: 'compose.scale.yaml', right: 'networks: [front, books]', wrong: 'networks: [back, books]' },
    ];
    for (const { file, right, wrong } of mistakes) {
      test(`"${wrong}" would be found`, async (t) => {
        const copy = path.join(await temporaryFolder(t), path.basename(file));
        const text = await readFile(path.join(deploy, file), 'utf8');
        assert.ok(text.includes(right));
        await writeFile(copy, text.replace(right, wrong));
        assert.notDeepEqual(checkDeployment(copy).problems, []);
      });
    }
  });

  test('are all part of the kustomization, but for the example of a secret', () => {
    const listed = manifests.find(({ kind }) => kind === 'Kustomization')?.resources ?? [];
    const files = checked.documents.map(({ file }) => /^kubernetes\/([^/]+)$/.exec(file)?.[1]);
    const expected = files.filter((file) => file && !['kustomization.yaml', 'secret.example.yaml'].includes(file));
    assert.deepEqual([...listed].sort(), [...new Set(expected)].sort());
  });

  describe('are put together by kubectl', { skip: withoutKubectl }, () => {
    const without = { none: '', s3: '/pictures', webhooks: '', keda: 'HorizontalPodAutoscaler' };
    for (const [component, gone] of Object.entries(without)) {
      test(component === 'none' ? 'as they are' : `with optional/${component}`, async (t) => {
        const folder = await temporaryFolder(t);
        await cp(path.join(deploy, 'kubernetes'), folder, { recursive: true });
        if (component !== 'none')
          await appendFile(path.join(folder, 'kustomization.yaml'), `components: [optional/${component}]\n`);
        const { stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
        assert.equal(stderr, '');
        const whole = path.join(folder, 'whole.yaml');
        await writeFile(whole, stdout);
        assert.deepEqual(checkDeployment(whole).problems, []);
        if (gone) assert.ok(!stdout.includes(gone), `${gone} is still there`);
      });
    }
  });

  test('let every container run closed, watched and bounded', () => {
    assert.equal(workloads().length, 3);
    for (const manifest of workloads()) {
      const pod = podOf(manifest);
      const { runAsNonRoot, seccompProfile } = pod.securityContext;
      assert.deepEqual([runAsNonRoot, seccompProfile], [true, { type: 'RuntimeDefault' }]);
      assert.equal(pod.enableServiceLinks, false);
      assert.equal(pod.automountServiceAccountToken, false);
      const { securityContext, resources, ...container } = containerOf(manifest);
      const closed = { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
      assert.deepEqual(securityContext, closed);
      assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory);
      for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe])
        assert.ok(probe?.httpGet || probe?.exec, manifest.metadata.name);
    }
    for (const name of Object.keys(compose.services)) {
      const { read_only, cap_drop, security_opt, restart, mem_limit, pids_limit, stop_grace_period } = service(name);
      assert.deepEqual(
        [read_only, cap_drop, security_opt, restart],
        [true, ['ALL'], ['no-new-privileges:true'], 'unless-stopped'],
        name,
      );
      assert.ok(mem_limit && pids_limit && stop_grace_period, name);
    }
  });

  test('fit the image: its user, its port, its data directory, and the paths that its service answers', async () => {
    const image = await readFile(path.join(deploy, 'Dockerfile'), 'utf8');
    const [, user] = /^USER (\d+):/m.exec(image) ?? [];
    const [, port] = /^EXPOSE (\d+)/m.exec(image) ?? [];
    for (const manifest of some('Deployment')) {
      const { ports, volumeMounts, ...container } = containerOf(manifest);
      assert.equal(podOf(manifest).securityContext.runAsUser, Number(user));
      assert.deepEqual(ports, [{ name: 'http', containerPort: Number(port) }]);
      assert.ok(volumeMounts.some(({ mountPath }) => image.includes(`KAIYAN_HOME=${mountPath} `)));
      assert.deepEqual(
        [container.startupProbe, container.readinessProbe, container.livenessProbe].map((probe) => probe?.httpGet),
        ['/livez', '/readyz', '/livez'].map((address) => ({ path: address, port: 'http' })),
      );
    }
    assert.match(service('server').ports?.[0] ?? '', new RegExp(`^127.0.0.1:\\d+:${port}$`));
  });

  test('name only pods and ports that there are', () => {
    for (const manifest of workloads()) assert.ok(selects(manifest.spec.selector, labelsOf(manifest)));
    const selected = (selector: Selector) => workloads().filter((manifest) => selects(selector, labelsOf(manifest)));
    for (const { spec } of some('PodDisruptionBudget')) assert.equal(selected(spec.selector).length, 1);
    for (const { spec } of some('NetworkPolicy')) assert.ok(selected(spec.podSelector).length > 0);
    for (const { spec } of some('HorizontalPodAutoscaler')) one(spec.scaleTargetRef.kind, spec.scaleTargetRef.name);
    for (const { spec } of some('Service')) {
      const [behind] = selected({ matchLabels: spec.selector as Readonly<Record<string, string>> });
      assert.ok(behind);
      const offered = containerOf(behind).ports.flatMap(({ name, containerPort }) => [name, containerPort]);
      for (const { targetPort, port } of spec.ports) assert.ok(offered.includes(targetPort ?? port));
    }
  });

  test('mount the volumes that there are', () => {
    for (const manifest of workloads()) {
      const { volumes } = podOf(manifest);
      const templates = manifest.spec.volumeClaimTemplates ?? [];
      const names = [...volumes, ...templates.map(({ metadata }) => metadata)].map(({ name }) => name);
      const mounted = containerOf(manifest).volumeMounts.map(({ name }) => name);
      assert.deepEqual(mounted.sort(), names.sort());
      for (const { name } of volumes.flatMap(({ configMap }) => configMap ?? [])) one('ConfigMap', name);
      const claims = volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim ?? []);
      for (const { claimName } of claims) one('PersistentVolumeClaim', claimName);
    }
  });

  test('read only secrets that the example has', () => {
    const read = workloads().flatMap((manifest) =>
      containerOf(manifest).env.flatMap(({ valueFrom }) => valueFrom ?? []),
    );
    assert.ok(read.length > 0);
    for (const { secretKeyRef } of read)
      assert.ok(secretKeyRef.key in one('Secret', secretKeyRef.name).stringData, secretKeyRef.key);
  });

  test('set what Kaiyan knows, to values that it takes', () => {
    const [server, worker] = ['server', 'worker'].map((name) => one('Deployment', name)) as [Manifest, Manifest];
    assert.deepEqual(
      [server, worker].map(containerOf).map(({ args }) => args),
      [['serve'], ['worker']],
    );
    for (const manifest of [server, worker]) {
      const container = containerOf(manifest);
      const { queue, jobPictures, runJobs, drainSeconds, shutdownSeconds } = settingsOf(container);
      const { hostname, port, password } = new URL(queue);
      assert.ok(one('Service', hostname).spec.ports.some((offered) => offered.port === Number(port)));
      assert.equal(password, 'secret');
      assert.ok(container.volumeMounts.some(({ mountPath }) => mountPath === jobPictures));
      assert.equal(runJobs, manifest === worker);
      assert.ok(podOf(manifest).terminationGracePeriodSeconds >= drainSeconds + shutdownSeconds + 10);
    }
    for (const name of ['server', 'worker']) {
      const { environment = {}, volumes, networks = [], stop_grace_period: grace } = service(name);
      const loaded = loadConfiguration({ environment: { KAIYAN_HOME: '/data', ...environment }, file: '' });
      assert.deepEqual(loaded.warnings, []);
      const { queue, jobPictures, runJobs, drainSeconds, shutdownSeconds } = loaded.settings;
      const redis = service(new URL(queue).hostname);
      assert.ok(redis.networks?.some((network) => networks.includes(network)));
      assert.ok(volumes.some((volume) => jobPictures.startsWith(volume.split(':')[1] ?? '?')));
      assert.equal(runJobs, name === 'worker');
      assert.ok(Number.parseInt(grace, 10) >= drainSeconds + shutdownSeconds + 10);
    }
  });

  test('keep a server that answers while others are exchanged, and tell load balancers before it ends', () => {
    const server = one('Deployment', 'server');
    assert.equal(server.spec.strategy?.rollingUpdate.maxUnavailable, 0);
    assert.ok(settingsOf(containerOf(server)).drainSeconds >= 5);
  });

  test('let only servers and workers reach Redis, and Redis nobody', () => {
    const redis = labelsOf(one('StatefulSet', 'redis'));
    const policies = some('NetworkPolicy').map(({ spec }) => spec);
    const everything = policies.find(({ podSelector }) => Object.keys(podSelector).length === 0);
    assert.deepEqual(everything, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    const others = policies.filter((policy) => policy !== everything && selects(policy.podSelector, redis));
    assert.deepEqual(
      others.map(({ policyTypes }) => policyTypes),
      [['Ingress']],
    );
    const from = others.flatMap(({ ingress = [] }) => ingress.flatMap((rule) => rule.from));
    const allowed = workloads().filter((manifest) =>
      from.some(({ podSelector }) => !podSelector || selects(podSelector, labelsOf(manifest))),
    );
    assert.deepEqual(allowed.map(({ metadata }) => metadata.name).sort(), ['server', 'worker']);

    const { networks = [], ports } = service('redis');
    assert.equal(ports, undefined);
    assert.deepEqual(
      networks.map((network) => compose.networks[network]?.internal),
      [true],
    );
  });

  test('scale by the same number, whoever reads it', () => {
    const metrics = ['kubernetes/autoscaling.yaml', 'optional/prometheus-adapter.yaml', 'keda/scaled-object.yaml'].map(
      (end) => JSON.stringify(checked.documents.filter(({ file }) => file.endsWith(end))).match(/kaiyan_\w+/g),
    );
    for (const names of metrics) assert.deepEqual([...new Set(names)], ['kaiyan_job_pictures_waiting']);
  });

  for (const name of ['server', 'worker']) {
    test(`start a ${name} whose probes are answered and that tells the number to scale by`, {
      skip: withoutRedis,
    }, async (t) => {
      const redis = await startRedis(t);
      const home = await temporaryFolder(t);
      const container = containerOf(one('Deployment', name));
      const { child, stderr, result } = startKaiyan(container.args, {
        environment: {
          ...environmentOf(container),
          ...{ KAIYAN_QUEUE: redis.url, KAIYAN_JOB_PICTURES: path.join(home, 'pictures'), KAIYAN_HOME: home },
          ...{ KAIYAN_HOST: '127.0.0.1', KAIYAN_PORT: '0', KAIYAN_WORKERS: '1', KAIYAN_PRECISION: 'int8' },
          ...{ KAIYAN_DRAIN_SECONDS: '0', KAIYAN_LOG_FORMAT: 'json' },
        },
      });
      t.after(() => child.kill('SIGKILL'));
      const address = () => /"address":"([^"]+)"/.exec(stderr())?.[1];
      await until(`the ${name} listens`, () => address() !== undefined, 60_000);
      for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe])
        assert.equal((await fetch(`${address()}${probe?.httpGet?.path}`)).status, 200);
      const headers = { Authorization: 'Bearer secret' };
      assert.match(await (await fetch(`${address()}/metrics`, { headers })).text(), /^kaiyan_job_pictures_waiting 0$/m);
      child.kill('SIGTERM');
      assert.equal((await result).status, 0);
    });
  }

  test('start a Redis that throws nothing away and keeps a file', {
    skip: withoutCommand('redis-server'),
  }, async (t) => {
    const kubernetes = redisSettings(one('ConfigMap', 'redis').data['valkey.conf']?.split('\n') ?? []);
    const options = service('redis').command?.map((option) => option.replace(/^--/, '')) ?? [];
    const limits = [containerOf(one('StatefulSet', 'redis')).resources.limits.memory ?? '', service('redis').mem_limit];
    for (const [index, { dir: _, ...settings }] of [kubernetes, redisSettings(options)].entries()) {
      const redis = await startRedis(t, { requirepass: 'secret', ...settings });
      const said = async (name: string) => ((await redis.run('CONFIG', 'GET', name)) as string[])[1];
      assert.equal(await said('appendonly'), 'yes');
      assert.equal(await said('maxmemory-policy'), 'noeviction');
      assert.equal(await said('save'), '');
      const most = Number(await said('maxmemory'));
      assert.ok(most > 0 && most * 2 <= bytesOf(limits[index] ?? ''), 'a rewrite of the file has room');
    }
  });
});
