type ListCountProps = {
  /** Null: not read yet. */
  total: number | null;
  text: (total: number) => string;
};

/** How many things a list has. It is said whenever it changes. */
export function ListCount({ total, text }: ListCountProps) {
  return <span role="status">{total === null ? '' : text(total)}</span>;
}
