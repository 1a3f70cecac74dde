/** The commands about jobs: `kaiyan jobs …` and `kaiyan worker`. */
import { type Command, Option } from 'commander';
import type { SettingKey } from '../config.js';
import type { Item, JobState } from '../jobs/job.js';
import { type CommandOptions, configurationOf, dedicated, examples, withSettings } from './options.js';

/** Where jobs are. */
const BOOKS: readonly SettingKey[] = ['home', 'queue'];

/** What works on jobs. */
export const JOB_WORK: readonly SettingKey[] = [
  ...(['queue', 'jobPictures', 's3Endpoint', 's3Region', 's3AccessKeyId', 's3SecretAccessKey'] as const),
  ...(['jobConcurrency', 'jobFolders', 'reuseAnswers', 'webhookSecret', 'webhookHosts'] as const),
];

/** What a service that takes jobs needs beside. */
export const JOB_SERVICE: readonly SettingKey[] = [
  ...JOB_WORK,
  ...(['runJobs', 'jobDays', 'jobBytes', 'maxJobPictures', 'maxJobBytes'] as const),
];

const JOB_STATES: readonly JobState[] = ['pending', 'in_progress', 'completed', 'failed', 'canceled'];
const ITEM_STATES: readonly Item['state'][] = ['waiting', 'answered', 'failed', 'canceled'];

export function addJobCommands(program: Command, settings: readonly SettingKey[]): void {
  const jobs = program
    .command('jobs')
    .description('jobs of a service: what is in its books, while it runs or not')
    .addHelpText(
      'after',
      examples('jobs list', 'jobs results 6f0c3a52-8f0e-4d35-9f43-1c1b7a2f5d10 --csv > answers.csv'),
    );
  const load = () => import('./commands/jobs.js');

  withSettings(jobs.command('list'), BOOKS)
    .description('all jobs, the newest first')
    .addOption(new Option('--state <state>', 'only jobs in this state').choices(JOB_STATES))
    .option('--json', 'as JSON')
    .addHelpText('after', examples('jobs list --state in_progress', 'jobs list --queue redis://localhost:6379'))
    .action(async (options: CommandOptions, command) => {
      const { listJobs } = await load();
      await listJobs(configurationOf(command), { state: options.state as JobState, json: options.json === true });
    });

  withSettings(jobs.command('show'), BOOKS)
    .description('a job: its state, its pictures by their state, and the first ones that failed')
    .argument('<id>', 'as "jobs list" has it')
    .option('--json', 'as JSON')
    .addHelpText('after', examples('jobs show ID', 'jobs show ID --json'))
    .action(async (id: string, options: CommandOptions, command) => {
      const { showJob } = await load();
      await showJob(configurationOf(command), id, options.json === true);
    });

  withSettings(jobs.command('cancel'), BOOKS)
    .description('end jobs; what they have found stays')
    .argument('<id...>', 'as "jobs list" has them')
    .addHelpText('after', examples('jobs cancel ID', 'jobs cancel ID ID'))
    .action(async (ids: string[], _options: CommandOptions, command) => {
      const { cancelJobs } = await load();
      await cancelJobs(configurationOf(command), ids);
    });

  withSettings(jobs.command('retry'), BOOKS)
    .description('have pictures that failed or were canceled tried again')
    .argument('<id...>', 'as "jobs list" has them')
    .addHelpText('after', examples('jobs retry ID'))
    .action(async (ids: string[], _options: CommandOptions, command) => {
      const { retryJobs } = await load();
      await retryJobs(configurationOf(command), ids);
    });

  withSettings(jobs.command('delete'), [...BOOKS, 'jobPictures'])
    .description('remove jobs with their results, thumbnails and pictures that failed')
    .argument('<id...>', 'as "jobs list" has them')
    .addHelpText('after', examples('jobs delete ID', 'jobs delete ID --queue redis://localhost:6379'))
    .action(async (ids: string[], _options: CommandOptions, command) => {
      const { deleteJobs } = await load();
      await deleteJobs(configurationOf(command), ids);
    });

  withSettings(jobs.command('results'), [...BOOKS, 'top'])
    .description('what came of the pictures of a job, a line of JSON for each')
    .argument('<id>', 'as "jobs list" has it')
    .addOption(new Option('--state <state>', 'only pictures in this state').choices(ITEM_STATES))
    .option('--csv', 'as a table for spreadsheets')
    .addHelpText(
      'after',
      examples('jobs results ID > answers.jsonl', 'jobs results ID --csv --state failed > failed.csv'),
    )
    .action(async (id: string, options: CommandOptions, command) => {
      const { printResults } = await load();
      const flags = { state: options.state as Item['state'], csv: options.csv === true };
      await printResults(configurationOf(command), id, flags);
    });

  withSettings(jobs.command('check'), BOOKS)
    .description('check that the file of the books is whole')
    .addHelpText('after', examples('jobs check', 'jobs check --home /var/lib/kaiyan'))
    .action(async (_options: CommandOptions, command) => {
      const { checkBooks } = await load();
      await checkBooks(configurationOf(command));
    });

  withSettings(jobs.command('backup'), BOOKS)
    .description('copy the books to a new file, also while a service uses them')
    .argument('<file>', 'a new one')
    .addHelpText('after', examples('jobs backup jobs-2026-11-28.db'))
    .action(async (file: string, _options: CommandOptions, command) => {
      const { backUpBooks } = await load();
      await backUpBooks(configurationOf(command), file);
    });

  withSettings(program.command('worker'), settings)
    .description('work on the jobs of a queue that services on several machines share')
    .option('--concurrency <pictures>', 'the same as --job-concurrency')
    .addHelpText(
      'after',
      examples(
        'worker --queue redis://redis:6379 --job-pictures /shared/pictures',
        'worker --queue redis://redis:6379 --job-pictures s3://pictures/jobs --s3-endpoint https://s3.example.org --concurrency 4',
      ),
    )
    .action(async ({ concurrency }: CommandOptions, command: Command) => {
      const { work } = await dedicated(import('./commands/worker.js'));
      if (concurrency !== undefined) command.setOptionValue('jobConcurrency', Number(concurrency));
      await work(configurationOf(command));
    });
}
