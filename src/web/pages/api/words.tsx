/** The service's own words, which are English, with `code` between backticks. */
import { Fragment } from 'react';

export function Words({ text }: { readonly text: string }) {
  return (
    <span lang="en">
      {text.split('`').map((part, at) => {
        // The parts of a sentence have no names but their places.
        const key = `${at}`;
        return at % 2 === 1 ? <code key={key}>{part}</code> : <Fragment key={key}>{part}</Fragment>;
      })}
    </span>
  );
}
