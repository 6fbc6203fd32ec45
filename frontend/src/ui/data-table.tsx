import type { ReactNode } from 'react';
import styles from './data-table.module.css';

export type Column<Row> = {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** Right-aligned, with digits of one width. */
  isNumber?: boolean;
  /** Whose cells may be cut when there is no room. */
  isLong?: boolean;
};

type DataTableProps<Row extends { id: string }> = {
  /** What it lists, for those who do not see it. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** The buttons at the end of a row. */
  actions?: (row: Row) => ReactNode;
  /** What the column of the buttons is called. */
  actionsLabel?: string;
};

/** Rows with the same facts. On a phone every row is a card. The first column is what a row is called by. */
export function DataTable<Row extends { id: string }>(props: DataTableProps<Row>) {
  const { label, columns, rows, actions, actionsLabel } = props;
  const [name, ...others] = columns;
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ key, head, isNumber }) => (
            <th key={key} scope="col" data-number={isNumber || undefined}>
              {head}
            </th>
          ))}
          {actions && (
            <th scope="col">
              <span className="visually-hidden">{actionsLabel}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            {name && <th scope="row">{name.cell(row)}</th>}
            {others.map(({ key, head, cell, isNumber, isLong }) => (
              <td key={key} data-head={head} data-number={isNumber || undefined} data-long={isLong || undefined}>
                {cell(row)}
              </td>
            ))}
            {actions && <td data-actions>{actions(row)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
