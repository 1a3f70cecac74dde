/** `kaiyan config`: every setting, its value and its source. */
import { type Configuration, type Setting, settingKeys, settingsTable, variableOf } from '../../config.js';
import { table } from '../output.js';

export function showConfiguration({ settings, sources }: Configuration, json: boolean): void {
  const entries = settingKeys.map((key) => {
    const { about, secret }: Setting = settingsTable[key];
    const value = secret && settings[key] ? '(hidden)' : settings[key];
    return { key, value, source: sources[key], variable: variableOf(key), about };
  });
  if (json) return void process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`);
  const rows = entries.map(({ key, value, source, variable }) => [key, JSON.stringify(value), source, variable]);
  process.stdout.write(`${table([['SETTING', 'VALUE', 'SOURCE', 'VARIABLE'], ...rows])}\n`);
}
