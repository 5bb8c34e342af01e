/** Single slots and columns, which parsers/record-kernel.ts puts here in the order of the constants. */
export const settings: usize = memory.data(32 * 4, 16);
export const eventTimeSlot = 0;
export const creationDateSlot = 1;
export const resourcesSlot = 2;
export const bucketNameSlot = 3;
export const eventTypeSlot = 4;
export const firstEnvelopeSlot = 5;
export const elementSlotsEnd = 6;
export const eventTimeColumn = 7;
export const creationDateColumn = 8;
export const bucketAccountColumn = 9;
export const logUriColumn = 10;
export const logIndexColumn = 11;
export const identityTypeSlot = 12;
export const issuerSlot = 13;
export const arnSlot = 14;
export const accountSlot = 15;
export const idSlot = 16;
export const invokerSlot = 17;
export const addressSlot = 18;
export const principalColumn = 19;
export const networkColumn = 20;

export function setting(index: i32): i32 {
  return load<i32>(settings + ((<usize>index) << 2));
}
