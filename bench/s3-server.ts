/** A process of its own with an emulator of S3 and log objects in it: `node s3-server.js OBJECTS LINES`. Prints its port. */
import http from 'node:http';
import { startFauxqs } from 'fauxqs';
import { s3LogKey, s3LogText } from './s3-logs.js';

const [objects = 0, lines = 0] = process.argv.slice(2).map(Number);
const server = await startFauxqs({ port: 0, logger: false });
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
server.createBucket('bench');

function put(key: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, port: server.port, path: `/bench/${key}`, method: 'PUT' }, (response) => {
      response.resume().on('end', resolve);
    });
    request.on('error', reject).end(body);
  });
}

const numbers = Array.from({ length: objects }, (_, number) => number).values();
await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (const number of numbers) await put(s3LogKey(number), s3LogText(number, lines));
  }),
);
agent.destroy();
process.stdout.write(`${server.port}\n`);
process.stdin.resume().on('end', () => {
  server.stop().catch(() => process.exit(1));
});
