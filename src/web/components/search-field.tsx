/** Words that are looked for. */
import { Search } from 'lucide-react';
import { useId } from 'react';
import styles from './search-field.module.css';

interface SearchFieldProps {
  readonly label: string;
  /** Whether the label stands above it, or is only read out. */
  readonly labelShown?: boolean;
  readonly placeholder?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function SearchField({ label, labelShown = false, placeholder = label, value, onChange }: SearchFieldProps) {
  const id = useId();
  return (
    <div className={styles.search}>
      <label htmlFor={id} className={labelShown ? styles.label : 'visually-hidden'}>
        {label}
      </label>
      <div className={styles.field}>
        <Search aria-hidden="true" />
        <input
          id={id}
          type="search"
          autoComplete="off"
          placeholder={placeholder}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      </div>
    </div>
  );
}
