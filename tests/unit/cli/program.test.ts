import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { createProgram } from '#kaiyan/cli/program.js';

/** With those inside, and the words that call each: `models use`. */
const commandsIn = (
  command: Command,
  words: readonly string[] = [],
): (readonly [words: string, command: Command])[] => [
  [words.join(' '), command],
  ...command.commands.flatMap((inner) => commandsIn(inner, [...words, inner.name()])),
];

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  return help;
}

describe('the help of every command', () => {
  const commands = commandsIn(createProgram());
  for (const [words, command] of commands)
    test(`has examples of it: kaiyan ${words}`, () => {
      const [, lines = ''] = /\nExamples:\n((?: {2}kaiyan .+\n)+)/.exec(helpOf(command)) ?? [];
      const shown = lines.split('\n').map((line) => line.trim());
      assert.ok(
        shown.some((line) => line.startsWith(`kaiyan ${words}`)),
        lines,
      );
    });
});
