/** The triage steps of a detector with the values of the finding in them. */
import { identityColumns, type Detection } from '../detectors/engine/detection.js';
import { textLiteral } from '../store/sql-literal.js';

type Identity = Detection['identity'];

/** A value that means nothing to a shell, to Markdown or to a reader's eye. */
const harmless = /^[A-Za-z0-9.:/@+=,_-]{1,256}$/;

/**
 * Fills `<bucket>`, `<principal>` and the like. `'<bucket>'` in a step is SQL, so it becomes an SQL expression; in prose
 * only a harmless value is put in. What the finding does not say, or says in dangerous characters, stays a placeholder.
 */
export function fillSteps(steps: readonly string[], identity: Identity): string[] {
  return steps.map((step) =>
    step.replace(
      /'<([a-z_]+)>'|<([a-z_]+)>/g,
      (placeholder, inSql: string | undefined, inProse: string | undefined) => {
        const column = identityColumns.find((name) => name === (inSql ?? inProse));
        const value = column === undefined ? null : identity[column];
        if (value === null) return placeholder;
        if (inSql !== undefined) return textLiteral(value);
        return harmless.test(value) ? value : placeholder;
      },
    ),
  );
}
