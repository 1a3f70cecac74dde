/** A bucket of moto, a server that speaks S3, with a user whose signatures it verifies; and a way to it that can fail. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline/promises';
import type { TestContext } from 'node:test';
import * as v from 'valibot';
import { python } from './requirements.js';

const access = v.object({ endpoint: v.string(), accessKeyId: v.string(), secretAccessKey: v.string() });
export type BucketServer = v.InferOutput<typeof access>;

/** Its first four requests, which make the user and the bucket, need no signature. */
const SCRIPT = `
import json, os, sys
os.environ.update(INITIAL_NO_AUTH_ACTION_COUNT='4', AWS_ACCESS_KEY_ID='x', AWS_SECRET_ACCESS_KEY='x', AWS_DEFAULT_REGION='us-east-1')
import boto3
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer('127.0.0.1', 0, verbose=False)
server.start()
endpoint = 'http://%s:%d' % server.get_host_and_port()
iam = boto3.client('iam', endpoint_url=endpoint)
iam.create_user(UserName='kaiyan')
policy = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}]}
iam.put_user_policy(UserName='kaiyan', PolicyName='all', PolicyDocument=json.dumps(policy))
key = iam.create_access_key(UserName='kaiyan')['AccessKey']
boto3.client('s3', endpoint_url=endpoint).create_bucket(Bucket='pictures')
print(json.dumps({'endpoint': endpoint, 'accessKeyId': key['AccessKeyId'], 'secretAccessKey': key['SecretAccessKey']}), flush=True)
sys.stdin.read()
`;

/** Has one bucket, `pictures`, for which `withoutMoto` has to be false. */
export async function startBucketServer(t: Pick<TestContext, 'after'>): Promise<BucketServer> {
  const child = spawn(python, ['-c', SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([once(lines, 'line'), ended.then(() => ['null'])]);
  return v.parse(access, JSON.parse(`${line}`));
}

/** What is done with one request instead of passing it on. */
export type Trouble = (request: IncomingMessage, response: ServerResponse, count: number) => boolean;

/** Leads to the server as itself, but for requests that are in trouble: then it returns true. */
export async function startTroubledWay(t: Pick<TestContext, 'after'>, to: string, trouble: Trouble): Promise<string> {
  let count = 0;
  const server = http.createServer((request, response) => {
    count += 1;
    if (trouble(request, response, count)) return;
    const { method, headers } = request;
    const onwards = http.request(new URL(request.url ?? '/', to), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onwards).on('error', () => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
