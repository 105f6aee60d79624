// Forwards and back through a connection of the hub. The place is kept in the address.
interface Info { hasNextPage: boolean; hasPreviousPage: boolean; startCursor?: string | null; endCursor?: string | null }

export interface Place { after?: string; before?: string }

export const pageSize = ({ before }: Place, size: number) => (before ? { last: size } : { first: size });

export const Pager = ({ info, go }: { info: Info; go: (to: Place) => void }) => {
  if (!info.hasNextPage && !info.hasPreviousPage) return null;
  const { startCursor: start, endCursor: end } = info;
  return (
    <nav className="pager" aria-label="Pages">
      <button type="button" disabled={!info.hasPreviousPage || !start} onClick={() => go({ before: start ?? "" })}>Previous</button>
      <button type="button" disabled={!info.hasNextPage || !end} onClick={() => go({ after: end ?? "" })}>Next</button>
    </nav>
  );
};
