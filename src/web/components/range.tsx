/** A number on a scale, with its value in words beside its label. */
import { useId } from 'react';
import styles from './range.module.css';

interface RangeProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value as it is to be read. */
  readonly shown: string;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
}

export function Range({ label, value, min, max, step, shown, disabled = false, onChange }: RangeProps) {
  const id = useId();
  return (
    <div className={styles.range}>
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id}>{shown}</output>
      <input
        id={id}
        type="range"
        {...{ min, max, step, value, disabled }}
        aria-valuetext={shown}
        onChange={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
    </div>
  );
}
