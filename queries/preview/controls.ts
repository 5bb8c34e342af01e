/** Every control that can be previewed, in the order of the documentation. */
import { accessPointOnly } from './access-point-only.js';
import { blockPublicAccess } from './block-public-access.js';
import { cloudfrontOnly } from './cloudfront-only.js';
import type { Control } from './control.js';
import { denyUnencrypted } from './deny-unencrypted.js';
import { disableAcls } from './disable-acls.js';
import { hours } from './hours.js';
import { ipAllow } from './ip-allow.js';
import { sseKmsOnly } from './sse-kms-only.js';
import { tlsOnly } from './tls-only.js';
import { vpcEndpointOnly } from './vpc-endpoint-only.js';

export const controls: readonly Control[] = [
  blockPublicAccess,
  disableAcls,
  tlsOnly,
  ipAllow,
  vpcEndpointOnly,
  accessPointOnly,
  cloudfrontOnly,
  denyUnencrypted,
  sseKmsOnly,
  hours,
];
