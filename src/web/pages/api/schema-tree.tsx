/** What something is made of, as far as it goes. */
import { Fragment } from 'react';
import { useWords } from '../../i18n/i18n.ts';
import { apiMessages } from './messages.ts';
import styles from './schema-tree.module.css';
import type { Property, Shape } from './shape.ts';
import { Words } from './words.tsx';

/** More values than these are a list of their own. */
const MOST_VALUES = 8;
/** What lies deeper is opened by hand. */
const OPEN_DEPTH = 1;

export function SchemaTree({ shape }: { readonly shape: Shape }) {
  return (
    <div className={styles.tree}>
      <p className={styles.type}>
        <ShapeWords shape={shape} />
      </p>
      <Parts shape={shape} depth={0} />
    </div>
  );
}

/** "list of whole number, 1 to 32 elements, or null". */
export function ShapeWords({ shape }: { readonly shape: Shape }) {
  const say = useWords(apiMessages);
  const { type, title, items, values, nullable } = shape;
  const range = useRange(shape);
  return (
    <>
      {type === 'list' && items ? (
        <>
          {say('listOf')}
          <ShapeWords shape={{ ...items, description: undefined }} />
        </>
      ) : (
        values.length === 0 && (title ?? say(type))
      )}
      {values.slice(0, MOST_VALUES).map((value, at) => (
        <Fragment key={value}>
          {at > 0 && ' | '}
          <code>{value}</code>
        </Fragment>
      ))}
      {values.length > MOST_VALUES && say('more', { count: values.length - MOST_VALUES })}
      {range && say('comma') + range}
      {nullable && say('orNull')}
    </>
  );
}

function useRange({ type, least, most }: Shape): string | undefined {
  const say = useWords(apiMessages);
  if (least === undefined && most === undefined) return undefined;
  const ends = { least: least ?? 0, most: most ?? 0 };
  const range =
    most === undefined ? say('least', ends) : least === undefined ? say('most', ends) : say('between', ends);
  if (type === 'text') return say('characters', { range });
  return type === 'list' ? say('elements', { range }) : range;
}

interface PartsProps {
  readonly shape: Shape;
  readonly depth: number;
}

function Parts({ shape, depth }: PartsProps) {
  const { properties, items, variants } = shape;
  if (items) return <Parts shape={items} depth={depth} />;
  if (variants.length > 0)
    return (
      <ul className={styles.variants}>
        {variants.map((variant, at) => {
          const key = `${at}`;
          const words = (
            <span className={styles.type}>
              <ShapeWords shape={variant} />
            </span>
          );
          return (
            <li key={key}>
              {hasParts(variant) ? (
                <details open={at === 0}>
                  <summary>{words}</summary>
                  <Parts shape={variant} depth={depth} />
                </details>
              ) : (
                words
              )}
            </li>
          );
        })}
      </ul>
    );
  if (properties.length === 0) return null;
  return (
    <ul className={styles.properties}>
      {properties.map((property) => (
        <PropertyRow key={property.name} property={property} depth={depth} />
      ))}
    </ul>
  );
}

function PropertyRow({ property, depth }: { readonly property: Property; readonly depth: number }) {
  const say = useWords(apiMessages);
  const { name, required, shape } = property;
  const line = (
    <>
      <code className={styles.name}>{name}</code>{' '}
      <span className={styles.type}>
        <ShapeWords shape={shape} />
        {!required && say('comma') + say('optional')}
      </span>
      {shape.description && (
        <span className={styles.about}>
          <Words text={shape.description} />
        </span>
      )}
    </>
  );
  if (!hasParts(shape)) return <li>{line}</li>;
  return (
    <li>
      <details open={depth < OPEN_DEPTH}>
        <summary>{line}</summary>
        <Parts shape={shape} depth={depth + 1} />
      </details>
    </li>
  );
}

const hasParts = ({ properties, items, variants }: Shape): boolean =>
  properties.length > 0 || variants.length > 0 || (items !== undefined && hasParts(items));
