/** Where things are; the tests run in the project's folder. */
import path from 'node:path';

export const project = process.cwd();
export const fixtures = path.join(project, 'tests/fixtures');
export const command = path.join(project, 'bin/kaiyan.js');
export const examples = path.join(project, 'examples/pictures');
