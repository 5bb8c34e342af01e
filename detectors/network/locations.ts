/** Country and network operator of an address, from MaxMind databases that the config names; without them nothing is known. */
import fs from 'node:fs';

export interface Locations {
  /** ISO 3166 code of two letters; null when unknown. */
  countryOf(ip: string): string | null;
  /** Number and name of the autonomous system; null when unknown. */
  operatorOf(ip: string): Operator | null;
}

export interface Operator {
  readonly asn: number;
  readonly organization: string | null;
}

/** The parts of MaxMind's records that we read (GeoLite2 and GeoIP2, 2026). */
interface CountryRecord {
  readonly country?: { readonly iso_code?: string };
}
interface AsnRecord {
  readonly autonomous_system_number?: number;
  readonly autonomous_system_organization?: string;
}

/** A database in memory. */
interface Database<Found> {
  get(ip: string): Found | null;
}

/** The largest that MaxMind publishes (GeoIP2 City) is about 120 MB; the ones asked for here are below 20 MB. */
const maxBytes = 256 << 20;

interface OpenedLocations {
  readonly locations: Locations;
  /** Of databases that cannot be used, `path: what`. */
  readonly problems: readonly string[];
}

/** Opens what is configured; the package that reads it is loaded only then. */
export async function openLocations({
  country,
  asn,
}: {
  readonly country: string | null;
  readonly asn: string | null;
}): Promise<OpenedLocations> {
  const problems: string[] = [];
  const countries = country === null ? null : await openDatabase<CountryRecord>(country, /Country|City/, problems);
  const operators = asn === null ? null : await openDatabase<AsnRecord>(asn, /ASN/, problems);
  return {
    problems,
    locations: {
      countryOf: (ip) => countries?.get(ip)?.country?.iso_code ?? null,
      operatorOf: (ip) => operatorOf(operators?.get(ip) ?? null),
    },
  };
}

function operatorOf(record: AsnRecord | null): Operator | null {
  const asn = record?.autonomous_system_number;
  return asn === undefined ? null : { asn, organization: record!.autonomous_system_organization ?? null };
}

async function openDatabase<Found>(path: string, kind: RegExp, problems: string[]): Promise<Database<Found> | null> {
  try {
    const { size } = fs.statSync(path);
    if (size > maxBytes) {
      problems.push(`${path}: has ${size} bytes; expected at most ${maxBytes}`);
      return null;
    }
    const { Reader } = await import('maxmind');
    const reader = new Reader(fs.readFileSync(path));
    const { databaseType } = reader.metadata;
    if (kind.test(databaseType)) return reader as Database<Found>;
    problems.push(`${path}: is a database of ${JSON.stringify(databaseType)}; expected one of ${kind.source}`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    problems.push(`${path}: cannot be read (${code ?? message}); expected a MaxMind database (.mmdb)`);
  }
  return null;
}
