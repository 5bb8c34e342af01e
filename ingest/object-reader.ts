/**
 * Reads objects into blocks and lets the right parser at them. Small objects share a block, so that their rows share a
 * batch; large ones go through block after block.
 */
import { StringDecoder } from 'node:string_decoder';
import { createAccessLogJsonParser } from '../parsers/access-log-json.js';
import { createAccessLogParser } from '../parsers/access-log.js';
import type { ParsedBatch } from '../parsers/batch.js';
import { createCloudtrailParser } from '../parsers/cloudtrail.js';
import { startObject, type ObjectCursor, type Parser, type ParserLimits } from '../parsers/parser.js';
import { RejectWriter } from '../parsers/reject-writer.js';
import { sniff, type ObjectFormat } from '../parsers/sniff.js';
